// One JSON object on each line of standard output.

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 };

/** A log with debug, info, warn and error: `log.info('listening', { port })`. An `error` is shown with its stack. */
export function createLog({ logLevel, version }, write = (line) => process.stdout.write(line)) {
  function at(level) {
    return (message, { error, ...fields } = {}) => {
      if (LEVELS[level] < LEVELS[logLevel]) return;
      const reason = error instanceof Error ? { error: error.message, stack: error.stack } : {};
      write(`${JSON.stringify({ time: new Date().toISOString(), level, message, version, ...fields, ...reason })}\n`);
    };
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
