// The HTTP layer with a stand-in for everything behind the routes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { createHttpServer } from '../src/http.js';
import { createRoutes } from '../src/routes.js';

const MESSAGES = [
  { id: '2', author: 'ann', text: 'two', at: '2026-01-02T00:00:00.000Z' },
  { id: '1', author: 'ann', text: 'one', at: '2026-01-01T00:00:00.000Z' },
];
const errors = [];
const log = { debug() {}, error: (message, fields) => errors.push({ message, ...fields }) };
const config = { version: '2', knowsSince: true };
const routes = createRoutes({
  config,
  health: async () => ({ status: 503, body: { status: 'failing' } }),
  accounts: {
    whoIs: (token) => (token === 'good' ? 'ann' : null),
    register: async () => false,
    login: async () => null,
  },
  messages: { newest: async () => MESSAGES, add: async (author, text) => ({ author, text }) },
});
const fault = { reason: null, broken: () => fault.reason };
const server = createHttpServer({ config, routes: { ...routes, 'GET /bug': async () => null.x }, fault, log });
let base;

before(async () => {
  server.listen(0);
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

const post = (path, body, headers = {}) => fetch(base + path, { method: 'POST', body, headers });

for (const [what, ask, status, expected] of [
  ['the front door', () => fetch(`${base}/`), 200, { app: 'chat', version: '2' }],
  ['health', () => fetch(`${base}/health?x=1`), 503, { status: 'failing' }],
  ['nothing there', () => fetch(`${base}/nothing`), 404, { error: 'nothing at /nothing' }],
  ['a path that is no URL', () => fetch(`${base}//`), 404, { error: 'nothing at //' }],
  ['the wrong method', () => post('/health', '{}'), 405, { error: 'POST is not allowed on /health' }],
  ['messages', () => fetch(`${base}/messages`), 200, { messages: MESSAGES }],
  ['messages since', () => fetch(`${base}/messages?since=2026-01-01T12:00:00Z`), 200, { messages: [MESSAGES[0]] }],
  ['a guest writes', () => post('/messages', '{"text": " hi "}'), 201, { author: 'guest', text: 'hi' }],
  [
    'ann writes',
    () => post('/messages', '{"text": "hi"}', { Authorization: 'Bearer good' }),
    201,
    { author: 'ann', text: 'hi' },
  ],
]) {
  test(`${what} -> ${status}`, async () => {
    const response = await ask();
    assert.equal(response.status, status);
    assert.equal(response.headers.get('x-app-version'), '2');
    assert.deepEqual(await response.json(), expected);
  });
}

for (const [what, ask, status, expected] of [
  ['no JSON', () => post('/messages', 'text'), 400, /JSON object/],
  ['a list', () => post('/messages', '[]'), 400, /JSON object/],
  ['no text', () => post('/messages', '{}'), 400, /1 to 2000/],
  ['a long text', () => post('/messages', JSON.stringify({ text: 'x'.repeat(2_001) })), 400, /1 to 2000/],
  ['a huge body', () => post('/messages', 'x'.repeat(20_000)), 413, /16384/],
  ['a bad token', () => post('/messages', '{"text": "hi"}', { Authorization: 'Bearer bad' }), 401, /log in again/],
  ['a bad time', () => fetch(`${base}/messages?since=yesterday`), 400, /since must be a time/],
  ['a bad name', () => post('/auth/register', '{"name": "A B", "password": "long enough"}'), 400, /name must/],
  ['a short password', () => post('/auth/register', '{"name": "ann", "password": "short"}'), 400, /password must/],
  ['a taken name', () => post('/auth/register', '{"name": "ann", "password": "long enough"}'), 409, /taken/],
  ['a wrong password', () => post('/auth/login', '{"name": "ann", "password": "long enough"}'), 401, /wrong name/],
  ['a bug', () => fetch(`${base}/bug`), 500, /our fault/],
]) {
  test(`${what} is refused with ${status}`, async () => {
    const response = await ask();
    assert.equal(response.status, status);
    assert.match((await response.json()).error, expected);
  });
}

test('a bug is in the log with its stack', async () => {
  errors.length = 0;
  await fetch(`${base}/bug`);
  assert.equal(errors[0].path, '/bug');
  assert.match(errors[0].error.stack, /TypeError/);
});

test('version 1 does not know since', async () => {
  const old = createRoutes({ config: { version: '1', knowsSince: false }, messages: { newest: async () => MESSAGES } });
  const { body } = await old['GET /messages']({ query: new URLSearchParams('since=2026-01-01T12:00:00Z') });
  assert.equal(body.messages.length, 2);
});

test('a fault fails everything but health', async (t) => {
  fault.reason = 'built in';
  t.after(() => {
    fault.reason = null;
  });
  assert.equal((await fetch(`${base}/messages`)).status, 500);
  assert.equal((await fetch(`${base}/health`)).status, 503);
});

test('while stopping every answer ends its connection', async (t) => {
  assert.equal((await fetch(`${base}/messages`)).headers.get('connection'), 'keep-alive');
  server.stopping = true;
  t.after(() => {
    server.stopping = false;
  });
  assert.equal((await fetch(`${base}/messages`)).headers.get('connection'), 'close');
});
