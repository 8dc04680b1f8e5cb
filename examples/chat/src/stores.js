// The connections to MongoDB and Redis: made with patience at boot, mended by their drivers later.

import { createClient } from '@redis/client';
import { MongoClient } from 'mongodb';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_CACHE_PAUSE_MS = 1_000;
// Long: a store that is slow because much is asked of it is not down.
const CHECK_MS = 5_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Try until it works, waiting 0.2 s, 0.4 s, ... 5 s in between. `stopped()` ends it early. */
export async function insist(what, attempt, { log, stopped, sleep = pause }) {
  for (let wait = FIRST_PAUSE_MS; !stopped(); wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      log.warn(`${what} does not answer, trying again`, { reason: error.message, retry_ms: wait });
      await sleep(wait);
    }
  }
}

function within(ms, promise) {
  const late = pause(ms).then(() => {
    throw new Error(`no answer in ${ms} ms`);
  });
  return Promise.race([promise, late]);
}

/** `database` is a mongodb Db, `cache` and `subscriber` are Redis clients. All three reconnect by themselves. */
export function createStores({ mongoUri, redisUrl }, log) {
  const mongo = new MongoClient(mongoUri, { appName: 'chat', serverSelectionTimeoutMS: 2_000, maxPoolSize: 20 });
  const cache = createClient({
    url: redisUrl,
    // A command fails at once while Redis is away, instead of waiting in a queue that grows.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, LONGEST_CACHE_PAUSE_MS),
    },
  });
  const subscriber = cache.duplicate({ disableOfflineQueue: false });
  for (const client of [cache, subscriber]) {
    client.on('error', (error) => log.warn('cache connection', { reason: error.message || error.code }));
  }
  let reached = false;
  let closed = false;

  // The driver mends a connection that was lost, but a first one that failed has to be asked for again.
  async function reachDatabase() {
    await mongo.connect();
    await mongo.db().command({ ping: 1 });
    reached = true;
  }

  async function askDatabase() {
    if (!reached) throw new Error('not reached yet');
    await mongo.db().command({ ping: 1 });
  }

  async function check(what, question) {
    try {
      await within(CHECK_MS, question());
      return { ok: true, reason: null };
    } catch (error) {
      return { ok: false, reason: `${what}: ${error.message}` };
    }
  }

  return {
    database: mongo.db(),
    cache,
    subscriber,

    /** Call `repair` each time the cache is back after it was lost. */
    onReconnect(repair) {
      cache.once('ready', () => {
        cache.on('ready', () => repair().catch((error) => log.warn('cache not repaired', { reason: error.message })));
      });
    },

    /** Resolves to true when both stores answer, however late, or to false when close() came before. */
    async connect() {
      await Promise.all([
        insist('database', reachDatabase, { log, stopped: () => closed }),
        // These two insist by themselves, as reconnectStrategy says.
        cache.connect(),
        subscriber.connect(),
      ]);
      return !closed;
    },

    /** { database: { ok, reason }, cache: { ok, reason } }, in at most a second. */
    async check() {
      const [database, cached] = await Promise.all([
        check('database', askDatabase),
        check('cache', () => Promise.all([cache.ping(), subscriber.ping()])),
      ]);
      return { database, cache: cached };
    },

    async close() {
      closed = true;
      for (const client of [subscriber, cache]) if (client.isOpen) client.destroy();
      await mongo.close();
    },
  };
}
