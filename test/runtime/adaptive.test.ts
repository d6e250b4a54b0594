import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdaptiveLimit, adaptiveLimit, type Load } from '../../src/runtime/adaptive.ts';
import { type FakeClock, fakeClock } from '../support/zms.ts';

interface Round {
  /** Milliseconds a call takes. */
  readonly takes: number;
  /** Default: `served`. */
  readonly load?: Load;
}

/** Makes calls that each take their time, in rounds of as many as are allowed at a time. @returns the limit after each round */
async function rounds(
  limit: AdaptiveLimit,
  clock: FakeClock,
  times: number,
  { takes, load = 'served' }: Round,
): Promise<readonly number[]> {
  const after: number[] = [];
  for (let round = 0; round < times; round++) {
    const answered = Promise.withResolvers<void>();
    const calls = Array.from({ length: limit.limit }, () =>
      limit.run(
        () => answered.promise,
        () => load,
      ),
    );
    await new Promise(setImmediate);
    clock.advance(takes);
    answered.resolve();
    await Promise.all(calls);
    after.push(limit.limit);
  }
  return after;
}

test('a healthy server gets all calls that are allowed at a time', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(16, clock);
  assert.deepEqual(await rounds(limit, clock, 5, { takes: 40 }), [16, 16, 16, 16, 16]);
});

test('an overload halves the limit once, however many calls of a round it hits', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(16, clock);
  assert.deepEqual(await rounds(limit, clock, 6, { takes: 5, load: 'overload' }), [8, 4, 2, 1, 1, 1]);
});

test('a server that slows down gets fewer calls at a time, and all again when it recovers', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(16, clock);
  await rounds(limit, clock, 3, { takes: 40 });
  const slowed = await rounds(limit, clock, 12, { takes: 400 });
  assert.ok((slowed.at(-1) ?? 16) <= 6, `${slowed}`);
  const recovered = await rounds(limit, clock, 16, { takes: 40 });
  assert.equal(recovered.at(-1), 16);
});

test('a server that is twice as slow is not held back', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(16, clock);
  await rounds(limit, clock, 3, { takes: 40 });
  assert.deepEqual(new Set(await rounds(limit, clock, 10, { takes: 80 })), new Set([16]));
});

test('calls that fail at once do not make a healthy server look slow', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(16, clock);
  await rounds(limit, clock, 4, { takes: 0, load: 'unknown' });
  assert.deepEqual(new Set(await rounds(limit, clock, 20, { takes: 40 })), new Set([16]));
});

test('time before a call begins does not count as slow', async () => {
  const clock = fakeClock();
  const limit = adaptiveLimit(4, clock);
  const call = async (begin: () => void) => {
    clock.advance(10_000);
    begin();
    clock.advance(10);
  };
  for (let calls = 0; calls < 64; calls++) await limit.run(call, () => 'served');
  assert.equal(limit.limit, 4);
});

test('a failed call gives its error, and leaves room for the next one', async () => {
  const limit = adaptiveLimit(1, fakeClock());
  const failing = limit.run(
    () => Promise.reject(new Error('broken')),
    () => 'unknown',
  );
  await assert.rejects(failing, /broken/);
  assert.equal(
    await limit.run(
      async () => 'done',
      () => 'served',
    ),
    'done',
  );
});
