import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
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
 */
async function looped(
  until: number,
  run: (passed: number) => RunOutcome | Promise<RunOutcome>,
  more: Partial<LoopOptions> & { readonly set?: readonly [at: number, milliseconds: number] } = {},
): Promise<Looped> {
  const { set, ...options } = more;
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
      async sleep(milliseconds) {
        listeners.push(getEventListeners(stop.signal, 'abort').length);
        passed += milliseconds;
        if (set !== undefined && passed >= set[0] * 1000 && ahead === 0) ahead = set[1];
        if (passed >= until * 1000 || ++sleeps >= 1000) stop.abort('SIGTERM');
      },
    },
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
