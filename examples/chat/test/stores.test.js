import assert from 'node:assert/strict';
import { test } from 'node:test';

import { insist } from '../src/stores.js';

const log = { warn() {} };

test('insist waits longer and longer, 5 s at most', async () => {
  const waits = [];
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 9) throw new Error('refused');
    return 'here';
  };
  const answer = await insist('store', attempt, { log, stopped: () => false, sleep: async (ms) => waits.push(ms) });
  assert.equal(answer, 'here');
  assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test('insist ends when the process stops', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    throw new Error('refused');
  };
  await insist('store', attempt, { log, stopped: () => attempts === 2, sleep: async () => {} });
  assert.equal(attempts, 2);
});
