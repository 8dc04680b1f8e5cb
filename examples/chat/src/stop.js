// Stopping without cutting anyone off, in STOP_SECONDS at most:
// no new connections; an answer to what arrives on the open ones, and their end with it; then sockets; then stores.

import { Server } from 'node:net';

const LINGER_SECONDS = 3;
const GOODBYE_SECONDS = 1;
const STEP_MS = 50;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(done, deadline) {
  while (!done() && performance.now() < deadline) await sleep(STEP_MS);
}

function countConnections(server) {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}

/** Resolves when all is closed. A proxy that keeps idle connections for less than 3 s never loses a request to it. */
export async function stop({ config, server, live, stores, log, signal }) {
  const started = performance.now();
  const deadline = started + config.stopSeconds * 1000;
  let connections = await countConnections(server);
  log.info('stopping', { signal, connections, sockets: live.count() });

  server.stopping = true;
  // http.Server.close() would also close idle connections now, and a request may be on its way on one of them.
  if (server.listening) Server.prototype.close.call(server);
  const watch = setInterval(async () => {
    if (performance.now() > started + LINGER_SECONDS * 1000) server.closeIdleConnections();
    connections = await countConnections(server);
  }, STEP_MS);

  await until(() => connections === 0, deadline - GOODBYE_SECONDS * 1000);
  live.close();
  await until(() => connections === 0, deadline);
  clearInterval(watch);
  server.closeAllConnections();
  await stores.close();
  log.info('stopped', { cut: connections, ms: Math.round(performance.now() - started) });
}
