// What GET /health answers: is this process fit to serve, and if not, what is missing.

const word = ({ ok }) => (ok ? 'ok' : 'down');

/** A function that answers { status: 200 | 503, body }. The reason goes to the log, not to the public. */
export function createHealth({ config, stores, fault, log }) {
  let lastReason = null;

  function note(reason) {
    if (reason && reason !== lastReason) log.error('not healthy', { reason });
    if (!reason && lastReason) log.info('healthy again');
    lastReason = reason;
  }

  return async function health() {
    const { database, cache } = await stores.check();
    const reason = [fault.broken(), database.reason, cache.reason].filter(Boolean).join('; ') || null;
    note(reason);
    if (!reason) fault.wasHealthy();
    const body = {
      status: reason ? 'failing' : 'ok',
      version: config.version,
      database: word(database),
      cache: word(cache),
    };
    return { status: reason ? 503 : 200, body };
  };
}
