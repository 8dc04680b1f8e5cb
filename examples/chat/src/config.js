// Settings come from the environment. All mistakes are reported at once, and none is survived.

const BEHAVIOURS = ['normal', 'broken-boot', 'broken-health', 'broken-later'];
const LEVELS = ['debug', 'info', 'warn', 'error'];
const SHORTEST_SECRET = 16;

export class ConfigError extends Error {
  constructor(mistakes) {
    super(`the environment has ${mistakes.length} mistake(s):\n${mistakes.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Frozen settings from an environment, or a ConfigError that names every mistake and shows no secret. */
export function readConfig(env) {
  const mistakes = [];

  function number(name, fallback, { min, max }) {
    const found = env[name] || String(fallback);
    const value = Number(found);
    if (!Number.isFinite(value) || value < min || value > max) {
      mistakes.push(`${name} must be a number from ${min} to ${max}, found "${found}"`);
    }
    return value;
  }

  function choice(name, fallback, choices) {
    const found = env[name] || fallback;
    if (!choices.includes(found)) mistakes.push(`${name} must be one of ${choices.join(', ')}, found "${found}"`);
    return found;
  }

  function storeUrl(name, protocols) {
    const found = env[name];
    if (!found) mistakes.push(`${name} is missing, expected ${protocols[0]}//...`);
    else if (!protocols.some((protocol) => found.startsWith(`${protocol}//`))) {
      mistakes.push(`${name} must start with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
    }
    return found;
  }

  function secret(name, { required }) {
    const found = env[name] || null;
    if (required && !found) mistakes.push(`${name} is missing, expected at least ${SHORTEST_SECRET} characters`);
    if (found && found.length < SHORTEST_SECRET) {
      mistakes.push(`${name} is too short, expected at least ${SHORTEST_SECRET} characters`);
    }
    return found;
  }

  const version = env.APP_VERSION || '1';
  const config = {
    version,
    // One source stands for two versions here: version 1 has no `GET /messages?since=`.
    knowsSince: Number.parseInt(version, 10) !== 1,
    behaviour: choice('BEHAVIOUR', 'normal', BEHAVIOURS),
    failAfterSeconds: number('FAIL_AFTER_SECONDS', 4, { min: 0, max: 86_400 }),
    port: number('PORT', 3000, { min: 0, max: 65_535 }),
    stopSeconds: number('STOP_SECONDS', 8, { min: 0, max: 3_600 }),
    logLevel: choice('LOG_LEVEL', 'info', LEVELS),
    mongoUri: storeUrl('MONGO_URI', ['mongodb:', 'mongodb+srv:']),
    redisUrl: storeUrl('REDIS_URL', ['redis:', 'rediss:']),
    // A token signed with either secret is good, so that the secret can be changed without logging anyone out.
    jwtSecrets: [secret('JWT_SECRET_CURRENT', { required: true }), secret('JWT_SECRET_PREVIOUS', { required: false })],
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze({ ...config, jwtSecrets: config.jwtSecrets.filter(Boolean) });
}
