import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextWake, type ScheduleInput, settledAt, type Wake } from '../../src/watch/schedule.ts';

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
  ['changes that settle', { settledAt: noon + 30_000, poll: 60_000 }, { at: noon + 30_000, cause: 'objects' }],
  ['changes that settle after the interval', { settledAt: noon + 400_000 }, { at: noon + 300_000, cause: 'interval' }],
  ['changes that settle with the interval', { settledAt: noon + 300_000 }, { at: noon + 300_000, cause: 'interval' }],
  [
    'changes that settle with a poll',
    { settledAt: noon + 30_000, poll: 30_000 },
    { at: noon + 30_000, cause: 'objects' },
  ],
  ['a retry beyond the interval', { retryAt: noon + 1_000_000 }, { at: noon + 300_000, cause: 'interval' }],
];
for (const [name, input, wake] of cases) {
  test(name, () => assert.deepEqual(nextWake({ ...base, ...input }), wake));
}

for (const [name, first, last, at] of [
  ['one change settles after the quiet', 0, 0, 30],
  ['each further one begins the quiet again', 0, 25, 55],
  ['up to the limit', 0, 89, 119],
  ['at the limit', 0, 100, 120],
  ['many later than the limit are due at once', 0, 500, 120],
] as const) {
  test(name, () => {
    assert.equal(
      settledAt({ first: noon + first * 1000, last: noon + last * 1000 }, { quiet: 30_000, most: 120_000 }),
      noon + at * 1000,
    );
  });
}
