// The HTTP interface: one function for each method and path. It answers { status, body } or throws a Refusal.

import { LONGEST_TEXT } from './messages.js';

const NAME = /^[a-z0-9_.-]{2,32}$/;
const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 200;
const GUEST = 'guest';

/** An answer that is not what the client hoped for, with the HTTP status that says so. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function textOf(body) {
  const text = typeof body.text === 'string' ? body.text.trim() : '';
  if (text === '' || text.length > LONGEST_TEXT)
    throw new Refusal(400, `text must have 1 to ${LONGEST_TEXT} characters`);
  return text;
}

function credentialsOf({ name, password }) {
  if (typeof name !== 'string' || !NAME.test(name)) throw new Refusal(400, `name must match ${NAME.source}`);
  const length = typeof password === 'string' ? password.length : 0;
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    throw new Refusal(400, `password must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`);
  }
  return { name, password };
}

function timeOf(text) {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Refusal(400, 'since must be a time such as 2026-01-31T12:00:00Z');
  return time;
}

/** { 'GET /health': async (request) => ({ status, body }) }; a request is { query, headers, json() }. */
export function createRoutes({ config, health, accounts, messages }) {
  function authorOf({ headers }) {
    if (!headers.authorization) return GUEST;
    const [scheme, token] = headers.authorization.split(' ');
    const name = scheme === 'Bearer' && token ? accounts.whoIs(token) : null;
    if (!name) throw new Refusal(401, 'the token is not valid, log in again');
    return name;
  }

  return {
    'GET /': async () => ({ status: 200, body: { app: 'chat', version: config.version } }),

    'GET /health': health,

    'GET /messages': async ({ query }) => {
      const since = config.knowsSince && query.has('since') ? timeOf(query.get('since')) : -Infinity;
      const newest = await messages.newest();
      return { status: 200, body: { messages: newest.filter(({ at }) => Date.parse(at) > since) } };
    },

    'POST /messages': async (request) => {
      const author = authorOf(request);
      return { status: 201, body: await messages.add(author, textOf(await request.json())) };
    },

    'POST /auth/register': async (request) => {
      const { name, password } = credentialsOf(await request.json());
      if (!(await accounts.register(name, password))) throw new Refusal(409, `the name ${name} is taken`);
      return { status: 201, body: { name } };
    },

    'POST /auth/login': async (request) => {
      const { name, password } = credentialsOf(await request.json());
      const token = await accounts.login(name, password);
      if (!token) throw new Refusal(401, 'wrong name or password');
      return { status: 200, body: { token } };
    },
  };
}
