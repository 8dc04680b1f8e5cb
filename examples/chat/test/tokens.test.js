import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { sign, verify } from '../src/tokens.js';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const HOUR = 3_600_000;
const token = sign('ann', 'current', NOW);

function forged(header, payload, secret) {
  const content = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

for (const [what, given, secrets, at, expected] of [
  ['the current secret', token, ['current'], NOW, 'ann'],
  ['the previous secret', token, ['new', 'current'], NOW + HOUR, 'ann'],
  ['a secret of somebody else', token, ['new', 'newer'], NOW, null],
  ['a day later', token, ['current'], NOW + 24 * HOUR, null],
  ['another signature', `${token.slice(0, -4)}AAAA`, ['current'], NOW, null],
  ['no signature', token.split('.').slice(0, 2).join('.'), ['current'], NOW, null],
  ['nothing', '', ['current'], NOW, null],
  ['four parts', `${token}.x`, ['current'], NOW, null],
  ['alg none', forged({ alg: 'none' }, { sub: 'ann', exp: 9e9 }, 'current'), ['current'], NOW, null],
]) {
  test(`verify: ${what} -> ${expected}`, () => {
    assert.equal(verify(given, secrets, at), expected);
  });
}
