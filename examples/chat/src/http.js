// From sockets to routes and back: parsing, errors, and the headers that every answer has.

import { createServer } from 'node:http';

import { Refusal } from './routes.js';

const LARGEST_BODY = 16 * 1024;
// Longer than any proxy in front keeps an idle connection: we must not close one that is about to be used.
const KEEP_ALIVE_MS = 65_000;

async function readJson(request) {
  let text = '';
  request.setEncoding('utf8');
  // Without destroyOnReturn the refusal below would cut the connection before its answer is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.length > LARGEST_BODY) throw new Refusal(413, `a body may have ${LARGEST_BODY} characters`);
  }
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {
    // Said below, in the same words for both.
  }
  throw new Refusal(400, 'the body must be a JSON object');
}

function find(routes, method, path) {
  const route = routes[`${method === 'HEAD' ? 'GET' : method} ${path}`];
  if (route) return route;
  const allowed = Object.keys(routes).some((key) => key.endsWith(` ${path}`));
  throw allowed ? new Refusal(405, `${method} is not allowed on ${path}`) : new Refusal(404, `nothing at ${path}`);
}

/** An http.Server whose answers are JSON. With `server.stopping = true` each answer ends its connection. */
export function createHttpServer({ config, routes, fault, log }) {
  async function answer(request) {
    const [path, query = ''] = request.url.split('?', 2);
    try {
      const route = find(routes, request.method, path);
      if (fault.broken() && path !== '/health') throw new Error(fault.broken());
      return await route({
        query: new URLSearchParams(query),
        headers: request.headers,
        json: () => readJson(request),
      });
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
      log.error('request failed', { method: request.method, path, error });
      return { status: 500, body: { error: 'this is our fault, please try again' } };
    }
  }

  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 30_000 },
    async (request, response) => {
      const started = performance.now();
      const { status, body } = await answer(request);
      const content = Buffer.from(`${JSON.stringify(body)}\n`);
      // After 413 the rest of the body is still on its way, so the connection cannot be used again.
      if (server.stopping || status === 413) response.setHeader('Connection', 'close');
      response.writeHead(status, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': content.length,
        'Cache-Control': 'no-store',
        'X-App-Version': config.version,
      });
      response.end(content);
      const ms = Math.round(performance.now() - started);
      log.debug('request', { method: request.method, path: request.url, status, ms });
    },
  );
  server.stopping = false;
  return server;
}
