import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../src/sandbox/server.ts';
import { call, clockAt, recorded, unstamped } from './client.ts';

const stamp = '2026-11-21T01:28:12.071Z';
const state = { domains: { 'eks.users.ns1': {} } };
const list = '/sys/modified_domains?metaonly=true';

test("lists every domain, ZMS' own ones too, in the recorded form", async () => {
  await using sandbox = await startSandbox({ state: { domains: { acme: {}, 'acme.old': { enabled: false } } } });
  const { status, headers, body } = await call(sandbox, list);
  assert.equal(status, 200);
  const rows = body.domains.map(({ domain }: { domain: { name: string; enabled: boolean } }) => [
    domain.name,
    domain.enabled,
  ]);
  assert.deepEqual(rows, [
    ['user', true],
    ['sys', true],
    ['sys.auth', true],
    ['acme', true],
    ['acme.old', false],
  ]);
  assert.equal(headers.etag, `"${body.domains[3].domain.modified}"`);
  const [entry] = recorded('modified/domain-metaonly').body.domains;
  assert.deepEqual(Object.keys(body.domains[3].domain), Object.keys(entry.domain));
});

for (const name of ['metaonly-unchanged-304', 'inm-future', 'inm-offset', 'inm-unquoted']) {
  test(`answers ${name} as recorded: 304 that repeats what was sent`, async () => {
    await using sandbox = await startSandbox({ state, now: () => Date.parse(stamp) });
    const etag = recorded(`modified/${name}`).headers.etag ?? '';
    const { status, headers, text } = await call(sandbox, list, { headers: { 'If-None-Match': etag } });
    assert.deepEqual([status, headers.etag, text], [304, etag, '']);
  });
}

const ignored = [`W/"${stamp}"`, '*', '""', `"${stamp}", "x"`, '1795224492071', 'garbage', '"2026-13-99T99:99:99Z"'];
for (const etag of [...ignored, '"2026-11-21T01:28:12.070Z"', '"2026-01-01T00:00:00Z"']) {
  test(`gives the full list for If-None-Match ${etag}`, async () => {
    await using sandbox = await startSandbox({ state, now: () => Date.parse(stamp) });
    const { status, headers, body } = await call(sandbox, list, { headers: { 'If-None-Match': etag } });
    assert.deepEqual([status, headers.etag, body.domains.length], [200, `"${stamp}"`, 4]);
  });
}

test('lists only what changed after the time that was sent', async () => {
  const clock = clockAt(stamp);
  await using sandbox = await startSandbox({ state, now: clock.now });
  clock.set('2026-11-21T01:30:00.000Z');
  sandbox.update(({ domains }) => ({ domains: { ...domains, acme: {} } }));
  const { headers, body } = await call(sandbox, list, { headers: { 'If-None-Match': `"${stamp}"` } });
  assert.deepEqual(
    body.domains.map(({ domain }: { domain: { name: string } }) => domain.name),
    ['acme'],
  );
  assert.equal(headers.etag, '"2026-11-21T01:30:00.000Z"');
});

test('answers for one domain as recorded', async () => {
  const clock = clockAt(stamp);
  await using sandbox = await startSandbox({ state, now: clock.now });
  const one = await call(sandbox, '/sys/modified_domains?domain=eks.users.ns1&metaonly=true');
  const expected = recorded('modified/domain-metaonly');
  assert.equal(unstamped(one.body), unstamped(expected.body));
  assert.equal(one.headers.etag, expected.headers.etag);

  const future = { 'If-None-Match': '"2030-01-01T00:00:00.000Z"' };
  const same = await call(sandbox, '/sys/modified_domains?domain=eks.users.ns1&metaonly=true', { headers: future });
  assert.deepEqual([same.status, same.headers.etag], [304, `"${stamp}"`]);

  clock.set('2026-11-21T01:32:07.683Z');
  const missing = await call(sandbox, '/sys/modified_domains?domain=nope&metaonly=true', { headers: future });
  const recording = recorded('modified/domain-missing');
  assert.deepEqual([missing.status, missing.headers.etag, missing.body], [200, recording.headers.etag, recording.body]);
});

test('refuses the list with full data as recorded', async () => {
  await using sandbox = await startSandbox({ state });
  const { status, body, headers } = await call(sandbox, '/sys/modified_domains');
  const expected = recorded('modified/full-as-user-400');
  assert.deepEqual([status, body], [expected.status, expected.body]);
  assert.equal(headers['cache-control'], expected.headers['cache-control']);
});

test('gives a signed document once per stamp', async () => {
  const clock = clockAt(stamp);
  await using sandbox = await startSandbox({ state, now: clock.now });
  const first = await call(sandbox, '/domain/eks.users.ns1/signed');
  assert.equal(first.headers.etag, recorded('jws/get').headers.etag);
  assert.equal((await call(sandbox, '/domain/eks.users.ns1/signed')).text, first.text);

  const headers = { 'If-None-Match': `"${stamp}"` };
  const same = await call(sandbox, '/domain/eks.users.ns1/signed', { headers });
  assert.deepEqual([same.status, same.headers.etag, same.text], [304, recorded('jws/get-304').headers.etag, '']);

  clock.set('2026-11-21T01:30:00.000Z');
  sandbox.update(() => ({ domains: { 'eks.users.ns1': { roles: { r: ['user.a'] } } } }));
  const changed = await call(sandbox, '/domain/eks.users.ns1/signed', { headers });
  assert.deepEqual([changed.status, changed.headers.etag], [200, '"2026-11-21T01:30:00.000Z"']);
});
