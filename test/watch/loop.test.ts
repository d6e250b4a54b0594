import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { openChanges } from '../../src/watch/changes.ts';
import { type LoopOptions, loop, type RunOutcome } from '../../src/watch/loop.ts';
import { openQueue } from '../../src/watch/queue.ts';

const noon = Date.parse('2026-11-28T12:00:00Z');
const [minute, day] = [60_000, 86_400_000];

interface Looped {
  /** `cause at`, in seconds that have passed. */
  readonly runs: readonly string[];
  readonly sleeps: number;
  /** Listeners on the signal that ends all, at each sleep. */
  readonly listeners: readonly number[];
}

/**
 * A loop on a clock on which waiting takes no time.
 *
 * @param until seconds after which it is stopped
 * @param run what comes of a run at that time
 * @param set by how much somebody sets the clock, when so many seconds have passed
 * @param changesAt when objects change, in seconds; not set: none are watched
 */
async function looped(
  until: number,
  run: (passed: number) => RunOutcome | Promise<RunOutcome>,
  more: Partial<LoopOptions> & {
    readonly set?: readonly [at: number, milliseconds: number];
    readonly changesAt?: readonly number[];
  } = {},
): Promise<Looped> {
  const { set, changesAt, ...options } = more;
  const changes = openChanges();
  const due = [...(changesAt ?? [])];
  const stop = new AbortController();
  const runs: string[] = [];
  const listeners: number[] = [];
  let passed = 0;
  let ahead = 0;
  let sleeps = 0;
  await loop({
    stop: stop.signal,
    interval: 5 * minute,
    poll: minute / 2,
    jitter: 0.1,
    random: () => 0,
    queue: openQueue(),
    lead: async (signal) => signal,
    hasChanged: async () => false,
    async run(cause) {
      runs.push(`${cause} ${passed / 1000}`);
      return run(passed / 1000);
    },
    clock: {
      now: () => noon + ahead + passed,
      async sleep(milliseconds, signal) {
        listeners.push(getEventListeners(stop.signal, 'abort').length);
        const end = passed + milliseconds;
        for (; due[0] !== undefined && due[0] * 1000 <= end && !signal?.aborted; due.shift()) {
          passed = due[0] * 1000;
          changes.note(noon + ahead + passed);
        }
        // Woken early by the first change.
        if (!signal?.aborted) passed = end;
        if (set !== undefined && passed >= set[0] * 1000 && ahead === 0) ahead = set[1];
        if (passed >= until * 1000 || ++sleeps >= 1000) stop.abort('SIGTERM');
      },
    },
    ...(changesAt === undefined ? {} : { watching: { changes, debounce: { quiet: 30_000, most: 120_000 } } }),
    ...options,
  });
  return { runs, sleeps, listeners };
}

const fine = () => ({ failed: [] });

test('a clock that is set back puts off no run by more than the interval', async () => {
  const { runs } = await looped(800, fine, { set: [120, -day] });
  assert.deepEqual(runs, ['start 0', 'interval 420', 'interval 720']);
});

test('a clock that is far ahead of a moment ago begins one run', async () => {
  const { runs } = await looped(800, fine, { set: [120, day] });
  assert.deepEqual(runs, ['start 0', 'interval 120', 'interval 420', 'interval 720']);
});

test('a run that fails when a grant expires is tried again after 1, 2, 4 … s', async () => {
  const { runs } = await looped(180, (passed) =>
    passed === 0 ? { failed: [], expiry: noon + minute } : { failed: ['run'] },
  );
  assert.deepEqual(runs, [
    'start 0',
    'expiry 60',
    'retry 61',
    'retry 63',
    'retry 67',
    'retry 75',
    'retry 91',
    'retry 123',
  ]);
});

test('a change begins a run at the poll that finds it, and a poll that finds none begins none', async () => {
  let polls = 0;
  const { runs, sleeps } = await looped(290, fine, { hasChanged: async () => ++polls === 3 });
  assert.deepEqual([runs, polls], [['start 0', 'change 90'], 9]);
  assert.ok(sleeps <= 10);
});

test('nothing stays behind on the signal that ends all', async () => {
  const { listeners } = await looped(100 * 300, fine);
  assert.deepEqual(new Set(listeners), new Set([0]));
});

test('a stop during a poll begins no run', async () => {
  const stop = new AbortController();
  const hasChanged = async () => {
    stop.abort('SIGTERM');
    return true;
  };
  const { runs } = await looped(300, fine, { stop: stop.signal, hasChanged });
  assert.deepEqual(runs, ['start 0']);
});

test('a loop that leads again begins with a run', async () => {
  const terms = [new AbortController(), new AbortController()];
  const stop = new AbortController();
  let turn = 0;
  const lead = async () => terms[turn++]?.signal ?? stop.signal;
  const { runs } = await looped(
    1000,
    () => {
      terms[turn - 1]?.abort();
      if (turn === terms.length) stop.abort('SIGTERM');
      return { failed: ['run'] };
    },
    { stop: stop.signal, lead },
  );
  assert.deepEqual(runs, ['start 0', 'start 0']);
});

const quiet = { poll: undefined, interval: 30 * minute } as unknown as Partial<LoopOptions>;
/** `count` changes, one each `step` seconds. */
const series = (from: number, step: number, count: number) =>
  Array.from({ length: count }, (_, at) => from + at * step);

for (const [name, changesAt, expected] of [
  ['a change begins a run 30 s later', [100], ['objects 130']],
  ['20 changes in 25 s begin one run, 30 s after the last', series(100, 1.25, 21), ['objects 155']],
  [
    'changes without end begin a run each 120 s',
    series(100, 10, 40),
    ['objects 220', 'objects 350', 'objects 480', 'objects 520'],
  ],
  ['a change with the end of the quiet puts the run off', [100, 130], ['objects 160']],
  ['changes far apart begin a run each', [100, 400], ['objects 130', 'objects 430']],
] as const) {
  test(name, async () => {
    const { runs } = await looped(1000, fine, { ...quiet, changesAt });
    assert.deepEqual(runs, ['start 0', ...expected]);
  });
}

test('a run for another reason sees to changes that were waiting', async () => {
  const { runs } = await looped(650, fine, { poll: undefined as never, changesAt: [290] });
  assert.deepEqual(runs, ['start 0', 'interval 300', 'interval 600']);
});

test('changes do not put off the interval', async () => {
  const { runs } = await looped(650, fine, { ...quiet, interval: 100_000, changesAt: series(1, 20, 40) });
  assert.deepEqual(
    runs.filter((it) => it.startsWith('interval')),
    ['interval 100', 'interval 200', 'interval 300', 'interval 400', 'interval 500', 'interval 600'],
  );
});

test('a change from before a run has read the objects is seen by it, and one from after waits for another', async () => {
  const changes = openChanges();
  const { runs } = await looped(
    500,
    (passed) => {
      if (passed > 0) return fine();
      changes.note(noon - 20_000);
      changes.note(noon - 5000);
      return { failed: [], readAt: noon - 10_000 };
    },
    { ...quiet, watching: { changes, debounce: { quiet: 30_000, most: 120_000 } } },
  );
  assert.deepEqual(runs, ['start 0', 'objects 25']);
  assert.equal(changes.pending(noon), undefined);
});

test('a run that fails does not begin again before its retry, whatever changed', async () => {
  const { runs } = await looped(200, () => ({ failed: ['run'] }), { ...quiet, changesAt: [100] });
  assert.deepEqual(runs.slice(0, 8), ['start 0', ...[1, 3, 7, 15, 31, 63].map((at) => `retry ${at}`), 'retry 127']);
});

test('what had to wait is done when it may be', async () => {
  const { runs } = await looped(
    500,
    (passed) => (passed < 100 ? { failed: [], waitsUntil: noon + passed * 1000 + minute } : fine()),
    quiet,
  );
  assert.deepEqual(runs, ['start 0', 'retry 60', 'retry 120']);
});

test('a clock that is set back during the quiet puts the run off by no more than that', async () => {
  const { runs } = await looped(800, fine, { ...quiet, changesAt: [100], set: [100, -day] });
  assert.deepEqual(runs, ['start 0', 'objects 130']);
});

test('changes leave nothing behind on the signal that ends all', async () => {
  const { listeners } = await looped(30_000, fine, { ...quiet, changesAt: series(1, 40, 700) });
  assert.deepEqual(new Set(listeners), new Set([0]));
});
