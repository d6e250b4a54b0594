import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPushLimit } from '../../src/runtime/push-limit.ts';

const noon = Date.parse('2026-11-28T12:00:00Z');

test('so many pushes are allowed within a minute, and the rest a minute after the last', () => {
  const limit = openPushLimit(6);
  for (let at = 0; at < 6; at++) {
    assert.equal(limit.allows('origin', noon + at * 1000), true, `${at}`);
    limit.count('origin', noon + at * 1000);
  }
  assert.equal(limit.due(), undefined);
  assert.equal(limit.allows('origin', noon + 6000), false);
  assert.equal(limit.due(), noon + 65_000);
  assert.equal(limit.due(), undefined);
  assert.equal(limit.allows('origin', noon + 59_999), false);
  assert.equal(limit.allows('origin', noon + 60_000), true);
  for (let at = 0; at < 6; at++) assert.equal(limit.allows('origin', noon + 65_000), true);
});

test('remotes are counted each for itself, and pushes that nobody asked about as well', () => {
  const limit = openPushLimit(1);
  limit.count('origin', noon);
  limit.count('origin', noon + 1000);
  assert.deepEqual([limit.allows('origin', noon + 2000), limit.allows('mirror', noon + 2000)], [false, true]);
});

test('a clock that is set back keeps nothing waiting', () => {
  const limit = openPushLimit(1);
  limit.count('origin', noon + 86_400_000);
  assert.equal(limit.allows('origin', noon), true);
});
