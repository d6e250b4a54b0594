import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Breaker } from '../../src/model/breaker.ts';
import { openBreaker } from '../../src/runtime/breaker.ts';

class Down extends Error {}

class Own extends Error {}

const refused = new Error('refused');

/** A breaker that opens after three failures, and what its calls came to. */
function opened(): { readonly breaker: Breaker; call(error?: Error): Promise<string>; readonly made: () => number } {
  const breaker = openBreaker({
    failures: 3,
    isOutage: (error) => error instanceof Down,
    isOwn: (error) => error instanceof Own,
  });
  let made = 0;
  return {
    breaker,
    made: () => made,
    call: (error) =>
      breaker
        .run(
          async () => {
            made++;
            if (error !== undefined) throw error;
            return 'done';
          },
          () => refused,
        )
        .catch(({ message }: Error) => message),
  };
}

test('a breaker opens after failures in a row, and then makes no calls', async () => {
  const { breaker, call, made } = opened();
  for (let times = 0; times < 3; times++) {
    assert.equal(breaker.state, 'closed');
    assert.equal(await call(new Down('down')), 'down');
  }
  assert.equal(breaker.state, 'open');
  assert.equal(await call(), 'refused');
  assert.equal(made(), 3);
});

for (const [name, error] of [
  ['a success', undefined],
  ['an error that is no outage', new Error('forbidden')],
] as const) {
  test(`${name} resets the count of failures`, async () => {
    const { breaker, call } = opened();
    for (const each of [new Down(), new Down(), error, new Down(), new Down()]) await call(each);
    assert.equal(breaker.state, 'closed');
    await call(new Down());
    assert.equal(breaker.state, 'open');
  });
}

test('an open breaker half-opens after 30 s, and closes when the call succeeds', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const { breaker, call, made } = opened();
  for (let times = 0; times < 3; times++) await call(new Down());
  t.mock.timers.tick(29_999);
  assert.equal(await call(), 'refused');
  t.mock.timers.tick(1);
  assert.equal(await call(), 'done');
  assert.deepEqual([breaker.state, made()], ['closed', 4]);
});

test('a half-open breaker makes one call, and waits twice as long after each failure', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const { breaker, call, made } = opened();
  for (let times = 0; times < 3; times++) await call(new Down());
  let calls = 3;
  for (const seconds of [30, 60, 120, 240, 300, 300]) {
    t.mock.timers.tick(seconds * 1000 - 1);
    assert.equal(await call(), 'refused');
    t.mock.timers.tick(1);
    const [first, second] = await Promise.all([call(new Down('still down')), call()]);
    assert.deepEqual([first, second, made()], ['still down', 'refused', ++calls]);
    assert.equal(breaker.state, 'open');
  }
});

test('a call that is cut off on this side neither opens a breaker nor closes it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const { breaker, call } = opened();
  for (let times = 0; times < 3; times++) await call(new Own());
  assert.equal(breaker.state, 'closed');
  for (let times = 0; times < 3; times++) await call(new Down());
  t.mock.timers.tick(30_000);
  await call(new Own());
  assert.equal(breaker.state, 'open');
});
