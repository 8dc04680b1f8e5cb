// Messages: MongoDB keeps all of them, Redis holds the newest ones for reading and tells every process of a new one.
//
// The newest messages are a sorted set, scored by time. Adding to it is idempotent and in any order, so processes of
// two versions can write while a third fills it, and none needs a lock.

const NEWEST = 'chat:newest';
const FILLED = 'chat:newest:filled';
const FILLED_SECONDS = 3_600;

/** The Redis channel on which a new message is published as JSON. */
export const CHANNEL = 'chat:messages';
export const LISTED = 50;
export const LONGEST_TEXT = 2_000;

const asMessage = ({ _id, author, text, at }) => ({ id: _id.toString(), author, text, at: at.toISOString() });
const asMember = (message) => ({ score: Date.parse(message.at), value: JSON.stringify(message) });

/**
 * `prepare()` once at boot; `add(author, text)` answers the message, `newest()` the last 50, newest first.
 * A message is { id, author, text, at }.
 */
export function createMessages({ database, cache, onReconnect }, log) {
  const collection = database.collection('messages');
  let filling = null;
  // What was added while Redis was away is missing in there: read it all again.
  onReconnect(() => cache.del(FILLED));

  // Unlike a single command, a transaction would wait for Redis to come back.
  async function run(transaction) {
    if (!cache.isReady) throw new Error('the cache is away');
    return transaction.exec();
  }

  async function fill() {
    const found = await collection.find().sort({ at: -1 }).limit(LISTED).toArray();
    const messages = found.map(asMessage);
    const commands = cache.multi().set(FILLED, '1', { expiration: { type: 'EX', value: FILLED_SECONDS } });
    if (messages.length > 0) commands.zAdd(NEWEST, messages.map(asMember));
    await run(commands).catch((error) => log.warn('cache not filled', { reason: error.message }));
    return messages;
  }

  async function cached() {
    try {
      const [filled, members] = await run(
        cache
          .multi()
          .get(FILLED)
          .zRange(NEWEST, 0, LISTED - 1, { REV: true }),
      );
      return filled && members.map((member) => JSON.parse(member));
    } catch (error) {
      log.warn('cache not read', { reason: error.message });
      return null;
    }
  }

  return {
    prepare: () => collection.createIndex({ at: -1 }),

    async add(author, text) {
      const document = { author, text, at: new Date() };
      await collection.insertOne(document);
      const message = asMessage(document);
      const announcement = cache
        .multi()
        .zAdd(NEWEST, asMember(message))
        .zRemRangeByRank(NEWEST, 0, -LISTED - 1)
        .publish(CHANNEL, JSON.stringify(message));
      // It is stored, so it counts: readers see it at the latest when the cache is filled again.
      await run(announcement).catch((error) => log.warn('message not announced', { reason: error.message }));
      return message;
    },

    async newest() {
      const messages = await cached();
      if (messages) return messages;
      // However many ask at once, the database is read once.
      filling ??= fill().finally(() => {
        filling = null;
      });
      return filling;
    },
  };
}
