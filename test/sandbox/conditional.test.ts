import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSandbox } from '../support/authority.ts';
import { call, clockAt } from './client.ts';

const stamp = '2026-11-21T01:28:12.071Z';
const state = { domains: { 'eks.users.ns1': {} } };
const list = '/sys/modified_domains?metaonly=true';

test('lists every domain, including system and disabled domains', async () => {
  await using sandbox = await openSandbox({ state: { domains: { acme: {}, 'acme.old': { enabled: false } } } });
  const { status, headers, body } = await call(sandbox, list);
  assert.equal(status, 200);
  const rows = body.domains.map(({ domain }: { domain: { name: string; enabled: boolean } }) => [
    domain.name,
    domain.enabled,
  ]);
  const own = ['user', 'sys', 'sys.auth', 'sys.auth.audit', 'sys.auth.audit.org', 'sys.auth.audit.domain'];
  assert.deepEqual(rows, [...own.map((name) => [name, true]), ['acme', true], ['acme.old', false]]);
  assert.equal(headers.etag, `"${body.domains[6].domain.modified}"`);
});

test('returns the full list for an invalid If-None-Match', async () => {
  await using sandbox = await openSandbox({ state, now: () => Date.parse(stamp) });
  const headers = { 'If-None-Match': '"2026-13-99T99:99:99Z"' };
  const { status, headers: sent, body } = await call(sandbox, list, { headers });
  assert.deepEqual([status, sent.etag, body.domains.length], [200, `"${stamp}"`, 7]);
});

test('lists only domains changed after the If-None-Match time', async () => {
  const clock = clockAt(stamp);
  await using sandbox = await openSandbox({ state, now: clock.now });
  clock.set('2026-11-21T01:30:00.000Z');
  sandbox.update(({ domains }) => ({ domains: { ...domains, acme: {} } }));
  const { headers, body } = await call(sandbox, list, { headers: { 'If-None-Match': `"${stamp}"` } });
  assert.deepEqual(
    body.domains.map(({ domain }: { domain: { name: string } }) => domain.name),
    ['acme'],
  );
  assert.equal(headers.etag, '"2026-11-21T01:30:00.000Z"');
});

test('returns 304 with the actual ETag for one unchanged domain', async () => {
  await using sandbox = await openSandbox({ state, now: () => Date.parse(stamp) });
  const headers = { 'If-None-Match': '"2030-01-01T00:00:00.000Z"' };
  const same = await call(sandbox, '/sys/modified_domains?domain=eks.users.ns1&metaonly=true', { headers });
  assert.deepEqual([same.status, same.headers.etag], [304, `"${stamp}"`]);
});

test('returns full data of all domains to system principals only', async () => {
  await using sandbox = await openSandbox({ state });
  for (const [principal, status] of [
    ['sys.auth.zts', 200],
    ['system.auth.zts', 400],
  ] as const) {
    const credentials = await sandbox.authority.issue({ principal });
    assert.equal((await call(sandbox, '/sys/modified_domains?master=true', { credentials })).status, status);
  }
});

test('returns 304 for a signed document that has not changed', async () => {
  const clock = clockAt(stamp);
  await using sandbox = await openSandbox({ state, now: clock.now });
  const first = await call(sandbox, '/domain/eks.users.ns1/signed');
  assert.equal(first.headers.etag, `"${stamp}"`);
  assert.equal((await call(sandbox, '/domain/eks.users.ns1/signed')).text, first.text);

  const headers = { 'If-None-Match': `"${stamp}"` };
  const same = await call(sandbox, '/domain/eks.users.ns1/signed', { headers });
  assert.deepEqual([same.status, same.headers.etag, same.text], [304, `"${stamp}"`, '']);

  clock.set('2026-11-21T01:30:00.000Z');
  sandbox.update(() => ({ domains: { 'eks.users.ns1': { roles: { r: ['user.a'] } } } }));
  const changed = await call(sandbox, '/domain/eks.users.ns1/signed', { headers });
  assert.deepEqual([changed.status, changed.headers.etag], [200, '"2026-11-21T01:30:00.000Z"']);
});
