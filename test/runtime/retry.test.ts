import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError, type ErrorCode } from '../../src/model/error.ts';
import { defaultRetry, type RetryHint, withRetry } from '../../src/runtime/retry.ts';
import { serveHttps } from '../support/https.ts';
import { trials } from '../support/properties.ts';
import { fakeClock, startZms } from '../support/zms.ts';
import { openClient } from '../support/zms-client.ts';

const transient: readonly ErrorCode[] = [
  'ZMS_UNREACHABLE',
  'ZMS_TIMEOUT',
  'ZMS_UNAVAILABLE',
  'ZMS_QUOTA',
  'ZMS_BAD_RESPONSE',
  'ZMS_STALE',
  'CLUSTER_UNREACHABLE',
  'CLUSTER_TIMEOUT',
  'CLUSTER_UNAVAILABLE',
  'CLUSTER_BAD_RESPONSE',
];
const permanent: readonly ErrorCode[] = [
  'ATHENZ_CERT_MISSING',
  'ATHENZ_CERT_INVALID',
  'ATHENZ_CERT_EXPIRED',
  'ZMS_TLS',
  'ZMS_UNAUTHENTICATED',
  'ZMS_FORBIDDEN',
  'ZMS_NOT_FOUND',
  'ZMS_SIGNATURE',
  'CONFIG_INVALID',
  'INTERNAL',
];

for (const [codes, tries] of [
  [transient, 4],
  [permanent, 1],
] as const) {
  for (const code of codes) {
    test(`${code} is tried ${tries === 1 ? 'once' : `${tries} times`}`, async () => {
      const clock = fakeClock();
      let attempts = 0;
      const reading = withRetry(
        async () => {
          attempts++;
          throw new AppError(code, 'reading', { next: 'do this' });
        },
        defaultRetry,
        clock,
      );
      const message = tries === 1 ? 'reading' : `reading (after ${tries} tries)`;
      await assert.rejects(reading, { code, message, next: 'do this' });
      assert.equal(attempts, tries);
      assert.equal(clock.slept.length, tries - 1);
    });
  }
}

test('an error that is not an AppError is not retried', async () => {
  const clock = fakeClock();
  const reading = withRetry(() => Promise.reject(new TypeError('bug')), defaultRetry, clock);
  await assert.rejects(reading, { name: 'TypeError', message: 'bug' });
  assert.deepEqual(clock.slept, []);
});

test('a permanent error in a later try ends the retries', async () => {
  const codes: ErrorCode[] = ['ZMS_TIMEOUT', 'ZMS_FORBIDDEN', 'ZMS_TIMEOUT'];
  const reading = withRetry(
    () => Promise.reject(new AppError(codes.shift() ?? 'INTERNAL', 'reading')),
    defaultRetry,
    fakeClock(),
  );
  await assert.rejects(reading, { code: 'ZMS_FORBIDDEN', message: 'reading' });
  assert.deepEqual(codes, ['ZMS_TIMEOUT']);
});

/** A scripted try: its duration, its outcome and its Retry-After. */
const tryOf = fc.record({
  takes: fc.integer({ min: 0, max: 6000 }),
  ends: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...transient) },
    { weight: 1, arbitrary: fc.constantFrom(...permanent, 'success' as const) },
  ),
  retryAfter: fc.option(fc.integer({ min: -1000, max: 12_000 }), { nil: undefined }),
});

test('tries start within 10 s, respect Retry-After, and none is skipped', async () => {
  const { within, delay, tries } = defaultRetry;
  await fc.assert(
    fc.asyncProperty(fc.array(tryOf, { minLength: tries, maxLength: tries }), async (script) => {
      const clock = fakeClock(0);
      const starts: number[] = [];
      const result = await withRetry(
        async () => {
          const { takes, ends, retryAfter } = script[starts.length] ?? { takes: 0, ends: 'success', retryAfter: 0 };
          starts.push(clock.now());
          clock.advance(takes);
          if (ends === 'success') return ends;
          throw Object.assign<AppError, RetryHint>(
            new AppError(ends, 'reading'),
            retryAfter === undefined ? {} : { retryAfter },
          );
        },
        defaultRetry,
        clock,
      ).catch((error: AppError) => error.code);
      const last = script[starts.length - 1];
      assert.equal(result, last?.ends, 'the outcome is that of the last try');
      for (const [index, start] of starts.entries()) {
        assert.ok(start <= within);
        const before = script[index - 1];
        if (before === undefined) continue;
        const waited = clock.slept[index - 1] ?? 0;
        const longest = delay * 4 ** (index - 1);
        assert.ok(transient.some((code) => code === before.ends));
        assert.ok(waited >= Math.max(longest / 2, before.retryAfter ?? 0));
        assert.ok(waited <= Math.max(longest, before.retryAfter ?? 0));
      }
      if (starts.length < tries && transient.some((code) => code === last?.ends)) {
        const wait = Math.max(delay * 4 ** (starts.length - 1), last?.retryAfter ?? 0);
        assert.ok(clock.now() + wait > within, 'gave up although time was left');
      }
    }),
    { numRuns: trials(125) },
  );
});

/** As without a header: half of 200, 800 and 3200 ms at least. */
const backoff = /^(1\d\d|200)(\.\d+)?,([4-7]\d\d|800)(\.\d+)?,(1[6-9]\d\d|2\d{3}|3[01]\d\d|3200)(\.\d+)?$/;
const headers: readonly (readonly [header: string, requests: number, slept: RegExp])[] = [
  ['2', 4, /^2000,2000,(2000|2[0-9]{3}|3[0-9]{3})(\.|$)/],
  ['9', 2, /^9000$/],
  ['10', 1, /^$/],
  ['11', 1, /^$/],
  ['3600', 1, /^$/],
  ['0', 4, backoff],
  ['-5', 4, backoff],
  ['soon', 4, backoff],
  ['Infinity', 4, backoff],
  ['Wed, 21 Oct 2099 07:28:00 GMT', 1, /^$/],
];
for (const [header, requests, slept] of headers) {
  test(`Retry-After: ${header} gives ${requests} ${requests === 1 ? 'request' : 'requests'}`, async () => {
    await using server = await serveHttps((_, response) => {
      response.writeHead(503, { 'Retry-After': header }).end();
    });
    await using client = await openClient(server);
    await assert.rejects(client.zms.listDomains(), { code: 'ZMS_UNAVAILABLE' });
    assert.equal(server.paths.length, requests);
    assert.match(client.clock.slept.join(), slept);
  });
}

test('each retry gets the remaining time of the policy', async () => {
  const clock = fakeClock(0);
  const remaining: (number | undefined)[] = [];
  const reading = withRetry(
    async (atMost) => {
      remaining.push(atMost);
      clock.advance(3000);
      throw new AppError('ZMS_TIMEOUT', 'no answer');
    },
    { ...defaultRetry, delay: 0 },
    clock,
  );
  await assert.rejects(reading, /after 4 tries/);
  assert.deepEqual(remaining, [undefined, 7000, 4000, 1000]);
});

test('a hanging retry is aborted when the time of the policy is over', async () => {
  await using fixture = await startZms({ athenz: { requestTimeout: 60_000 } });
  fixture.sandbox.intercept(() => {
    if (fixture.sandbox.requests.length > 0) return { kind: 'hang' };
    fixture.clock.advance(9600);
    return { kind: 'status', status: 503, body: '', contentType: 'text/plain' };
  });
  // 400 ms are left, and up to half of them are waited.
  const message = /no complete response within 0\.[2-3]\d* s \(after 2 tries\)$/;
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_TIMEOUT', message });
});
