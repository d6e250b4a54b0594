import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import type { RunResult } from '../support/result.ts';
import { fakeClock } from '../support/zms.ts';

// --deadline: what is not read by then stays unchanged, and the next run reads only that.

/** Each answer of ZMS takes so many milliseconds. */
function slowClock({ sandbox }: Fixture, milliseconds: number): ReturnType<typeof fakeClock> {
  const clock = fakeClock();
  sandbox.intercept(() => {
    clock.advance(milliseconds);
    return undefined;
  });
  return clock;
}

test('what is not read before the deadline is unknown, and the next run reads the rest', async () => {
  await using fixture = await openFixture({ cached: true });
  await fixture.editConfig((text) => text.replace(/concurrency: \d+/, 'concurrency: 1'));
  const clock = slowClock(fixture, 60_000);
  const { out } = await fixture.expect(3, ['plan', '--json', '--deadline', '4m'], { clock });
  const { plan, sources }: RunResult = JSON.parse(out);
  assert.deepEqual(new Set(plan.kept.map(({ problem }) => problem.code)), new Set(['DEADLINE']));
  const [{ read = 0, requests = 0 } = {}] = sources;
  assert.ok(read > 0 && requests <= 4, out);

  const before = fixture.sandbox.requests.length;
  fixture.sandbox.intercept(undefined);
  await fixture.expect(0, ['plan']);
  assert.equal(fixture.sandbox.requests.length - before, 1 + 7 - (requests - 1));
});

test('a deadline that passes before anything is read fails', async () => {
  await using fixture = await openFixture();
  const clock = slowClock(fixture, 2000);
  const { err } = await fixture.expect(1, ['plan', '--deadline', '1s'], { clock });
  assert.match(err, /DEADLINE: .*the deadline has passed\n {2}Raise --deadline; the next run reads only what this/);
});

for (const value of ['0s', '10', 'soon', '25h', '-1m']) {
  test(`--deadline ${value} is a usage error`, async () => {
    await using fixture = await openFixture();
    const { err } = await fixture.expect(2, ['plan', `--deadline=${value}`]);
    assert.match(err, /Give a duration such as 90s or 10m/);
    assert.deepEqual(fixture.sandbox.requests, []);
  });
}
