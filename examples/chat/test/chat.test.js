// The whole server as a process, with the stores at MONGO_URI and REDIS_URL. Two processes stand for two colours.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const SERVER = fileURLToPath(new URL('../server.js', import.meta.url));
const skip = process.env.MONGO_URI && process.env.REDIS_URL ? false : 'MONGO_URI and REDIS_URL are not set';
const unique = (prefix) => `${prefix}-${randomBytes(6).toString('hex')}`;

/** A server that is ready: `base` is its URL, `lines` its log, `stop()` resolves to the exit code. */
async function start(version, settings = {}) {
  const env = {
    ...process.env,
    APP_VERSION: version,
    PORT: '0',
    JWT_SECRET_CURRENT: 'secret-one-secret-one',
    ...settings,
  };
  const child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  const logged = (message) => lines.find((line) => line.message === message);
  child.stdout.setEncoding('utf8');
  let rest = '';
  child.stdout.on('data', (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop();
    lines.push(...parts.map((line) => JSON.parse(line)));
  });
  while (!logged('ready')) await once(child.stdout, 'data');
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    return code;
  };
  return { base: `http://127.0.0.1:${logged('listening').port}`, lines, logged, child, stop };
}

async function say(server, text, headers = {}) {
  const response = await fetch(`${server.base}/messages`, { method: 'POST', body: JSON.stringify({ text }), headers });
  assert.equal(response.status, 201);
  return response.json();
}

async function listen(server) {
  const socket = new WebSocket(`${server.base.replace('http', 'ws')}/ws`);
  const received = [];
  socket.on('message', (data) => received.push(JSON.parse(data)));
  let version;
  socket.on('upgrade', (response) => {
    version = response.headers['x-app-version'];
  });
  await once(socket, 'open');
  const next = async (type) => {
    while (!received.some((value) => value.type === type)) await once(socket, 'message');
    return received.splice(
      received.findIndex((value) => value.type === type),
      1,
    )[0];
  };
  return { socket, next, version: () => version };
}

describe('chat', { skip, timeout: 240_000 }, () => {
  let blue;
  let green;

  before(async () => {
    [blue, green] = await Promise.all([start('1'), start('2')]);
  });
  after(() => Promise.all([blue.stop(), green.stop()]));

  test('health names database, cache and version', async () => {
    const response = await fetch(`${green.base}/health`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok', version: '2', database: 'ok', cache: 'ok' });
  });

  test('what one colour stores the other lists, newest first', async () => {
    const first = await say(blue, unique('first'));
    const second = await say(green, unique('second'));
    for (const server of [blue, green]) {
      const { messages } = await (await fetch(`${server.base}/messages`)).json();
      assert.deepEqual(messages.slice(0, 2), [second, first]);
    }
  });

  test('a sudden crowd writes, and the last 50 are listed, each once', async () => {
    const texts = Array.from({ length: 60 }, () => unique('crowd'));
    await Promise.all(texts.map((text, index) => say(index % 2 ? blue : green, text)));
    const { messages } = await (await fetch(`${blue.base}/messages`)).json();
    assert.equal(new Set(messages.map(({ id }) => id)).size, 50);
    assert.ok(messages.every(({ text }) => texts.includes(text)));
  });

  test('only version 2 knows since', async () => {
    const { at } = await say(blue, unique('before'));
    const later = await say(blue, unique('later'));
    const ask = async (server) => (await (await fetch(`${server.base}/messages?since=${at}`)).json()).messages;
    assert.ok((await ask(blue)).length > 1);
    assert.ok((await ask(green)).every((message) => message.at > at));
    assert.ok(later.at === at || (await ask(green)).some(({ id }) => id === later.id));
  });

  test('a token of one colour is good at the other, a password is kept', async () => {
    const credentials = JSON.stringify({ name: unique('ann'), password: 'correct horse' });
    const post = (server, path) => fetch(server.base + path, { method: 'POST', body: credentials });
    assert.equal((await post(blue, '/auth/register')).status, 201);
    assert.equal((await post(green, '/auth/register')).status, 409);
    const { token } = await (await post(green, '/auth/login')).json();
    const message = await say(blue, 'hi', { Authorization: `Bearer ${token}` });
    assert.equal(message.author, JSON.parse(credentials).name);
  });

  test('a secret can be changed without logging anyone out', async (t) => {
    const credentials = JSON.stringify({ name: unique('bob'), password: 'correct horse' });
    await fetch(`${blue.base}/auth/register`, { method: 'POST', body: credentials });
    const { token } = await (await fetch(`${blue.base}/auth/login`, { method: 'POST', body: credentials })).json();
    const rotated = await start('2', {
      JWT_SECRET_CURRENT: 'secret-two-secret-two',
      JWT_SECRET_PREVIOUS: 'secret-one-secret-one',
    });
    t.after(() => rotated.stop());
    assert.equal((await say(rotated, 'hi', { Authorization: `Bearer ${token}` })).author, JSON.parse(credentials).name);
  });

  test('a message reaches the sockets of both colours', async (t) => {
    const listeners = await Promise.all([listen(blue), listen(green)]);
    t.after(() => listeners.forEach(({ socket }) => socket.close()));
    for (const [index, { next, version, socket }] of listeners.entries()) {
      assert.deepEqual(await next('hello'), { type: 'hello', version: String(index + 1) });
      assert.equal(version(), String(index + 1));
      socket.send('ping');
      assert.deepEqual(await next('pong'), { type: 'pong' });
    }
    const message = await say(green, unique('hello'));
    for (const { next } of listeners) assert.deepEqual((await next('message')).message, message);
  });

  test('SIGTERM: no new connection, idle ones are served once more, sockets last until the end', async () => {
    const server = await start('2', { STOP_SECONDS: '3' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = async (path) => {
      const sent = httpRequest(server.base + path, { agent }).end();
      const [response] = await once(sent, 'response');
      response.resume();
      await once(response, 'end');
      return { status: response.statusCode, connection: response.headers.connection, reused: sent.reusedSocket };
    };
    const { socket, next } = await listen(server);
    await next('hello');
    await get('/messages');

    const started = performance.now();
    const exited = server.stop();
    while (!server.logged('stopping')) await once(server.child.stdout, 'data');
    await assert.rejects(fetch(`${server.base}/messages`, { headers: { connection: 'close' } }), /fetch failed/);
    assert.deepEqual(await get('/messages'), { status: 200, connection: 'close', reused: true });
    socket.send('ping');
    await next('pong');

    const [code] = await once(socket, 'close');
    assert.equal(code, 1001);
    assert.equal(await exited, 0);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 1.9 && seconds < 7, `${seconds} s`);
    assert.equal(server.logged('stopped').cut, 0);
  });

  test('SIGTERM with nobody there ends at once', async () => {
    const server = await start('2');
    const started = performance.now();
    assert.equal(await server.stop(), 0);
    assert.ok(performance.now() - started < 5_000, 'of the 8 s it may take');
  });
});

test('a store that is away: health says which, and the process can still be stopped', { timeout: 60_000 }, async () => {
  const env = {
    ...process.env,
    PORT: '0',
    MONGO_URI: 'mongodb://127.0.0.1:1/chatdb',
    REDIS_URL: 'redis://127.0.0.1:1',
    JWT_SECRET_CURRENT: 'secret-one-secret-one',
  };
  const child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { port } = JSON.parse(line.split('\n')[0]);
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), { status: 'failing', version: '1', database: 'down', cache: 'down' });
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
