import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError, readConfig } from '../src/config.js';

const GOOD = {
  MONGO_URI: 'mongodb://db:27017/chatdb',
  REDIS_URL: 'redis://cache:6379/0',
  JWT_SECRET_CURRENT: 'current-secret-current',
};

test('a good environment gives frozen settings with defaults', () => {
  const config = readConfig(GOOD);
  assert.equal(config.port, 3000);
  assert.equal(config.behaviour, 'normal');
  assert.deepEqual(config.jwtSecrets, ['current-secret-current']);
  assert.ok(Object.isFrozen(config));
});

test('an empty environment names everything that is missing, at once', () => {
  assert.throws(
    () => readConfig({}),
    (error) => {
      assert.ok(error instanceof ConfigError);
      for (const name of Object.keys(GOOD)) assert.match(error.message, new RegExp(`${name} is missing`));
      return true;
    },
  );
});

for (const [name, value, expected] of [
  ['PORT', 'http', /PORT must be a number/],
  ['PORT', '70000', /PORT must be a number/],
  ['STOP_SECONDS', '-1', /STOP_SECONDS must be/],
  ['LOG_LEVEL', 'loud', /LOG_LEVEL must be one of/],
  ['BEHAVIOUR', 'perfect', /BEHAVIOUR must be one of/],
  ['MONGO_URI', 'postgres://db', /MONGO_URI must start with mongodb:/],
  ['REDIS_URL', 'cache:6379', /REDIS_URL must start with redis:/],
  ['JWT_SECRET_CURRENT', 'short', /JWT_SECRET_CURRENT is too short/],
  ['JWT_SECRET_PREVIOUS', 'short', /JWT_SECRET_PREVIOUS is too short/],
]) {
  test(`${name}=${value} is refused`, () => {
    assert.throws(() => readConfig({ ...GOOD, [name]: value }), expected);
  });
}

test('a mistake does not show a secret', () => {
  const env = { ...GOOD, MONGO_URI: 'mongo://u:marker@db', REDIS_URL: ':marker@cache', JWT_SECRET_CURRENT: 'marker' };
  assert.throws(
    () => readConfig(env),
    (error) => !error.message.includes('marker'),
  );
});

for (const [version, expected] of [
  ['1', false],
  ['1.4', false],
  ['2', true],
  ['broken-later', true],
]) {
  test(`version ${version} ${expected ? 'knows' : 'does not know'} since`, () => {
    assert.equal(readConfig({ ...GOOD, APP_VERSION: version }).knowsSince, expected);
  });
}
