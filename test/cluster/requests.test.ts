import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listNamespaces } from '../../src/cluster/read.ts';
import { AppError, type ErrorCode } from '../../src/model/error.ts';
import { type Fault, faults, serverError, tooManyRequests } from '../support/kube/fault.ts';
import { openKubeFixture } from '../support/kube/fixture.ts';

/** The error code of each fault if it persists; all of them are retried. */
const codes: Readonly<Record<string, ErrorCode>> = {
  'no answer': 'CLUSTER_TIMEOUT',
  'a connection that is reset': 'CLUSTER_UNREACHABLE',
  'a reset in the middle of the body': 'CLUSTER_UNREACHABLE',
  '429': 'CLUSTER_UNAVAILABLE',
  '500': 'CLUSTER_UNAVAILABLE',
  '502 of a load balancer': 'CLUSTER_UNAVAILABLE',
  '503': 'CLUSTER_UNAVAILABLE',
  '504': 'CLUSTER_UNAVAILABLE',
  'HTML with 200': 'CLUSTER_BAD_RESPONSE',
  'an empty 200': 'CLUSTER_BAD_RESPONSE',
  'JSON that is no list': 'CLUSTER_BAD_RESPONSE',
  'a list without items': 'CLUSTER_BAD_RESPONSE',
};
/** Generous for loopback, and short where no response comes. */
const limits = (name: string) => ({ timeout: name === 'no answer' ? 100 : 30_000 });

for (const { name, fault } of faults) {
  test(`${name} once is retried`, async () => {
    await using fixture = await openKubeFixture();
    const session = await fixture.open('reader', limits(name));
    let left = 1;
    fixture.kube.intercept(() => (left-- > 0 ? fault : undefined));
    const found = await listNamespaces(session, null);
    assert.deepEqual(
      found.map((it) => it.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    );
    assert.deepEqual([fixture.kube.requests.length, session.requests, fixture.waits.length], [2, 2, 1]);
  });

  test(`${name} on every try fails after five tries`, async () => {
    await using fixture = await openKubeFixture();
    const session = await fixture.open('reader', limits(name));
    fixture.kube.intercept(() => fault);
    const error = await listNamespaces(session, null).catch((it) => it);
    assert.ok(error instanceof AppError);
    assert.equal(error.code, codes[name]);
    assert.match(error.message, / \(after 5 tries\)$/);
    assert.ok(error.next !== undefined);
    assert.doesNotMatch(`${error.message}${error.next}`, /token-of/);
    assert.deepEqual([fixture.kube.requests.length, session.requests, fixture.waits.length], [5, 5, 4]);
  });
}

/** Responses that are not retried: user, path, error code and message. */
const refusals: readonly (readonly [string, string, ErrorCode, RegExp])[] = [
  ['stranger', '/api/v1/namespaces', 'CLUSTER_UNAUTHENTICATED', /: 401: Unauthorized$/],
  ['nobody', '/api/v1/namespaces', 'CLUSTER_FORBIDDEN', /: 403: namespaces is forbidden: User "nobody" cannot list/],
  ['anonymous', '/api/v1/namespaces', 'CLUSTER_FORBIDDEN', /: 403: .*User "system:anonymous" cannot list/],
  ['reader', '/api/v1/namespaces?limit=x', 'CLUSTER_REFUSED', /: 400: strconv\.ParseInt/],
];

for (const [user, path, code, expected] of refusals) {
  test(`${code} for ${user} fails at once with the server's message`, async () => {
    await using fixture = await openKubeFixture();
    const session = await fixture.open(user);
    const error = await session.ask('reading', { path }, String).catch((it) => it);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, expected);
    assert.deepEqual(fixture.waits, []);
  });
}

test('requests are retried while the server restarts', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  await listNamespaces(session, null);
  fixture.kube.drop(2);
  assert.equal((await listNamespaces(session, null)).length, 4);
  assert.equal(fixture.waits.length, 2);
});

test('a stopped server is CLUSTER_UNREACHABLE with its address', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  await fixture.kube.stop();
  const error = await listNamespaces(session, null).catch((it) => it);
  assert.equal(error.code, 'CLUSTER_UNREACHABLE');
  assert.ok(error.message.startsWith(`${fixture.kube.url}/api/v1/namespaces: `), error.message);
  assert.match(error.message, /ECONNREFUSED.*\(after 5 tries\)$/);
});

for (const [seconds, waits] of [
  [3, [3000]],
  [0, []],
] as const) {
  test(`Retry-After of ${seconds} s is honored, but never shortens the backoff`, async () => {
    await using fixture = await openKubeFixture();
    const session = await fixture.open();
    let left = 1;
    fixture.kube.intercept(() => (left-- > 0 ? tooManyRequests(seconds) : undefined));
    await listNamespaces(session, null);
    const [wait = 0] = fixture.waits;
    if (seconds > 0) assert.deepEqual(fixture.waits, waits);
    else assert.ok(wait >= 100 && wait <= 200, String(wait));
  });
}

test('a Retry-After beyond the retry limit fails at once', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  fixture.kube.intercept(() => tooManyRequests(3600));
  await assert.rejects(listNamespaces(session, null), { code: 'CLUSTER_UNAVAILABLE' });
  assert.deepEqual([fixture.kube.requests.length, fixture.waits], [1, []]);
});

test('a Retry-After date does not prevent the retry', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  let left = 1;
  const busy = serverError(503);
  assert.ok(busy.kind === 'answer');
  const headers = { ...busy.answer.headers, 'Retry-After': 'Fri, 31 Dec 1999 23:59:59 GMT' };
  const dated: Fault = { kind: 'answer', answer: { ...busy.answer, headers } };
  fixture.kube.intercept(() => (left-- > 0 ? dated : undefined));
  assert.equal((await listNamespaces(session, null)).length, 4);
});

test('connections are reused', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  for (let count = 0; count < 20; count++) await listNamespaces(session, null);
  assert.equal(fixture.kube.requests.length, 20);
  // A second one may be opened while the first is still busy.
  assert.ok(fixture.kube.connections <= 2, String(fixture.kube.connections));
});
