import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, faults, type NamedFault, zmsError } from '../support/faults.ts';
import { startZms } from '../support/zms.ts';

// A failed request becomes one typed error; transient failures are retried.

const others: readonly NamedFault[] = [
  { name: '400', fault: zmsError(400), code: 'ZMS_BAD_RESPONSE', passing: true },
  { name: '406 with an HTML page', fault: answer(406, '<html>', 'text/html'), code: 'ZMS_BAD_RESPONSE', passing: true },
];

for (const { name, fault, code, passing } of [...faults, ...others]) {
  const tries = passing ? 4 : 1;
  test(`${name} fails with ${code} after ${tries} ${tries === 1 ? 'try' : 'tries'}`, async () => {
    // Short only for cases that wait for the timeout.
    const requestTimeout = code === 'ZMS_TIMEOUT' ? 200 : 10_000;
    await using fixture = await startZms({ intercept: () => fault, athenz: { requestTimeout } });
    await assert.rejects(fixture.zms.listDomains(), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message);
      assert.equal(error.message.includes(`(after ${tries} tries)`), tries > 1, error.message);
      assert.ok(!error.message.includes('\n'), 'the message must be one line');
      return true;
    });
    assert.equal(fixture.sandbox.requests.length, tries);
    assert.equal(fixture.zms.requests, tries);
  });
}

test('the error contains the message from ZMS', async () => {
  await using fixture = await startZms({ intercept: () => zmsError(403, 'the words of ZMS') });
  await assert.rejects(fixture.zms.listDomains(), /listing the domains: 403: the words of ZMS/);
});

test('retries after a transient failure and succeeds', async () => {
  let requests = 0;
  await using fixture = await startZms({ intercept: () => (requests++ === 0 ? zmsError(503) : undefined) });
  assert.ok((await fixture.zms.listDomains()).size > 0);
  assert.equal(fixture.sandbox.requests.length, 2);
});

test('backs off between tries and stays within 10 s in total', async () => {
  await using fixture = await startZms({ intercept: () => zmsError(503) });
  const started = fixture.clock.now();
  await assert.rejects(fixture.zms.listDomains());
  const [first = 0, second = 0, third = 0] = fixture.clock.slept;
  assert.ok(first >= 100 && first <= 200 && second >= 400 && second <= 800 && third >= 1600 && third <= 3200);
  assert.ok(fixture.clock.now() - started < 10_000);
});

test('does not retry a failure that took 10 s', async () => {
  await using fixture = await startZms();
  fixture.sandbox.intercept(() => {
    fixture.clock.advance(10_000);
    return zmsError(503);
  });
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_UNAVAILABLE' });
  assert.equal(fixture.sandbox.requests.length, 1);
});
