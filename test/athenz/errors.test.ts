import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/model/error.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { startZms } from '../support/zms.ts';

// What goes wrong with an answer becomes one typed error; what may pass is asked for again.

const json = 'application/json';
const status = (code: number, body: string, contentType = json): Fault => ({
  kind: 'status',
  status: code,
  body,
  contentType,
});
const own = (code: number, message = 'words of ZMS') => status(code, JSON.stringify({ code, message }));
const servlet = (code: number) =>
  status(code, JSON.stringify({ servlet: 'zms-server', message: 'Not Found', url: '/zms/v1/x', status: String(code) }));

const table: readonly (readonly [name: string, fault: Fault, code: ErrorCode, tries: number])[] = [
  ['401', own(401), 'ZMS_UNAUTHENTICATED', 1],
  ['403', own(403), 'ZMS_FORBIDDEN', 1],
  ['404 in ZMS’ own shape', own(404), 'ZMS_NOT_FOUND', 1],
  ['404 in the servlet’s shape', servlet(404), 'ZMS_NOT_FOUND', 1],
  ['404 without a body', status(404, ''), 'ZMS_NOT_FOUND', 1],
  ['400', own(400), 'ZMS_BAD_RESPONSE', 4],
  ['406 with a page of HTML', status(406, '<html>no</html>', 'text/html'), 'ZMS_BAD_RESPONSE', 4],
  ['429', own(429), 'ZMS_QUOTA', 4],
  ['500', own(500), 'ZMS_UNAVAILABLE', 4],
  ['503', own(503, 'Communications link failure\n\nThe last packet'), 'ZMS_UNAVAILABLE', 4],
  ['HTML with 200', status(200, '<html>a proxy</html>', 'text/html'), 'ZMS_BAD_RESPONSE', 4],
  ['truncated JSON with 200', status(200, '{"domains":[{"doma'), 'ZMS_BAD_RESPONSE', 4],
  ['an empty 200', status(200, ''), 'ZMS_BAD_RESPONSE', 4],
  ['an empty list', status(200, '{"domains":[]}'), 'ZMS_BAD_RESPONSE', 4],
  ['a connection that is reset', { kind: 'reset' }, 'ZMS_UNREACHABLE', 4],
  ['a reset in the middle of the body', { kind: 'reset-mid-body' }, 'ZMS_UNREACHABLE', 4],
  ['half of a body', { kind: 'truncate' }, 'ZMS_BAD_RESPONSE', 4],
  ['no answer', { kind: 'hang' }, 'ZMS_TIMEOUT', 4],
  ['an answer that only drips', { kind: 'drip', bytesPerSecond: 20 }, 'ZMS_TIMEOUT', 4],
];

for (const [name, fault, code, tries] of table) {
  test(`${name} is ${code}, after ${tries} ${tries === 1 ? 'try' : 'tries'}`, async () => {
    // Short only where it is waited for.
    const requestTimeout = code === 'ZMS_TIMEOUT' ? 300 : 10_000;
    await using stage = await startZms({ intercept: () => fault, athenz: { requestTimeout } });
    await assert.rejects(stage.zms.listDomains(), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message);
      assert.equal(error.message.includes(`(after ${tries} tries)`), tries > 1, error.message);
      assert.ok(!error.message.includes('\n'), 'one line');
      return true;
    });
    assert.equal(stage.sandbox.requests.length, tries);
    assert.equal(stage.zms.requests, tries);
  });
}

test('ZMS’ own words are in the error', async () => {
  await using stage = await startZms({ intercept: () => own(403, 'the words of ZMS') });
  await assert.rejects(stage.zms.listDomains(), /listing the domains: 403: the words of ZMS/);
});

test('what fails once is asked for again and succeeds', async () => {
  let asked = 0;
  await using stage = await startZms({ intercept: () => (asked++ === 0 ? own(503) : undefined) });
  assert.ok((await stage.zms.listDomains()).length > 0);
  assert.equal(stage.sandbox.requests.length, 2);
});

test('waits grow, and stay within 10 s altogether', async () => {
  await using stage = await startZms({ intercept: () => own(503) });
  const begun = stage.clock.now();
  await assert.rejects(stage.zms.listDomains());
  const [first = 0, second = 0, third = 0] = stage.clock.slept;
  assert.ok(first >= 100 && first <= 200 && second >= 400 && second <= 800 && third >= 1600 && third <= 3200);
  assert.ok(stage.clock.now() - begun < 10_000);
});

test('no try begins after 10 s: a slow failure is not tried again', async () => {
  await using stage = await startZms();
  stage.sandbox.intercept(() => {
    stage.clock.advance(10_000);
    return own(503);
  });
  await assert.rejects(stage.zms.listDomains(), { code: 'ZMS_UNAVAILABLE' });
  assert.equal(stage.sandbox.requests.length, 1);
});
