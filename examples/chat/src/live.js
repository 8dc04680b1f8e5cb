// WebSockets at /ws: hello on arrival, every new message from whichever process stored it, pong for ping.

import { WebSocketServer } from 'ws';

import { CHANNEL } from './messages.js';

const LARGEST_FRAME = 4 * 1024;
const LOOK_AFTER_MS = 30_000;
const GOING_AWAY = 1001;

/** `subscribe()` starts the broadcast, `count()` says how many are here, `close()` sends everyone 1001. */
export function createLive({ config, server, stores, log }) {
  const sockets = new WebSocketServer({ server, path: '/ws', maxPayload: LARGEST_FRAME });
  sockets.on('headers', (headers) => headers.push(`X-App-Version: ${config.version}`));

  sockets.on('connection', (socket) => {
    socket.alive = true;
    socket.on('pong', () => {
      socket.alive = true;
    });
    socket.on('error', (error) => log.debug('socket', { reason: error.message }));
    socket.on('message', (data) => {
      if (asksForPong(data.toString())) send(socket, { type: 'pong' });
    });
    send(socket, { type: 'hello', version: config.version });
  });

  // Whoever did not answer the last ping of the protocol is gone without having said so.
  const lookAfter = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!socket.alive) socket.terminate();
      socket.alive = false;
      socket.ping();
    }
  }, LOOK_AFTER_MS).unref();

  return {
    async subscribe() {
      await stores.subscriber.subscribe(CHANNEL, (text) => {
        for (const socket of sockets.clients) send(socket, { type: 'message', message: JSON.parse(text) });
      });
    },

    count: () => sockets.clients.size,

    close() {
      clearInterval(lookAfter);
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server stops, please reconnect');
    },
  };
}

function asksForPong(text) {
  if (text === 'ping') return true;
  try {
    return JSON.parse(text)?.type === 'ping';
  } catch {
    return false;
  }
}

function send(socket, value) {
  socket.send(JSON.stringify(value));
}
