import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createFault } from '../src/fault.js';

const SILENT = { error() {} };

test('normal never fails', () => {
  const fault = createFault({ behaviour: 'normal', failAfterSeconds: 0 }, SILENT);
  fault.atBoot();
  fault.wasHealthy();
  assert.equal(fault.broken(), null);
});

test('broken-boot throws at boot', () => {
  const fault = createFault({ behaviour: 'broken-boot', failAfterSeconds: 4 }, SILENT);
  assert.throws(() => fault.atBoot(), /broken-boot/);
});

test('broken-health is broken from the start', () => {
  const fault = createFault({ behaviour: 'broken-health', failAfterSeconds: 4 }, SILENT);
  fault.atBoot();
  assert.match(fault.broken(), /broken-health/);
});

test('broken-later is good, then fails, then exits', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const exits = [];
  const fault = createFault({ behaviour: 'broken-later', failAfterSeconds: 4 }, SILENT, (code) => exits.push(code));
  t.mock.timers.tick(60_000);
  assert.equal(fault.broken(), null, 'the clock starts with the first good answer');
  fault.wasHealthy();
  t.mock.timers.tick(3_999);
  fault.wasHealthy();
  assert.equal(fault.broken(), null);
  t.mock.timers.tick(1);
  assert.match(fault.broken(), /broken-later/);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(30_000);
  assert.deepEqual(exits, [1]);
});
