import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextWake, type ScheduleInput, type Wake } from '../../src/watch/schedule.ts';

const noon = Date.parse('2026-11-28T12:00:00Z');
const base: ScheduleInput = { ranAt: noon, polledAt: noon, interval: 300_000, jitter: 0.1, chance: 0 };

const cases: readonly (readonly [name: string, input: Partial<ScheduleInput>, wake: Wake])[] = [
  ['nothing else happens: the interval', {}, { at: noon + 300_000, cause: 'interval' }],
  ['the interval comes late by jitter', { chance: 1 }, { at: noon + 330_000, cause: 'interval' }],
  ['polls between runs', { poll: 30_000, polledAt: noon + 60_000 }, { at: noon + 90_000, cause: 'poll' }],
  ['a poll due with the interval is a run', { poll: 300_000 }, { at: noon + 300_000, cause: 'interval' }],
  ['an expiry, not before it', { expiry: noon + 10_000 }, { at: noon + 10_000, cause: 'expiry' }],
  ['an expiry comes late by 1 s at most', { expiry: noon + 10_000, chance: 1 }, { at: noon + 11_000, cause: 'expiry' }],
  ['an expiry that passed during the run', { expiry: noon - 5000 }, { at: noon, cause: 'expiry' }],
  ['an expiry beyond the interval', { expiry: noon + 900_000 }, { at: noon + 300_000, cause: 'interval' }],
  ['a retry', { retryAt: noon + 1000, poll: 30_000 }, { at: noon + 1000, cause: 'retry' }],
  ['a retry beyond the interval', { retryAt: noon + 1_000_000 }, { at: noon + 300_000, cause: 'interval' }],
];
for (const [name, input, wake] of cases) {
  test(name, () => assert.deepEqual(nextWake({ ...base, ...input }), wake));
}
