import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZmsWrites } from '../../src/athenz/writes.ts';
import { readExchange } from '../sandbox/exchange.ts';
import { replay } from '../support/replay.ts';

const html = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>Sign in</html>' };
const flags = { selfServe: true, reviewEnabled: false, deleteProtection: true };
const cleared = {
  description: undefined,
  applicationId: undefined,
  autoDeleteTenantAssumeRoleAssertions: undefined,
};
const calls: Readonly<Record<string, (writes: ZmsWrites) => Promise<unknown>>> = {
  createDomain: (writes) => writes.createDomain('eks.web', { adminUsers: ['user.ada'], tags: {} }),
  putRole: (writes) => writes.putRole('eks.web', 'viewers', { members: [], tags: {} }),
  putGroup: (writes) => writes.putGroup('eks.web', 'devs', []),
  putPolicy: (writes) => writes.putPolicy('eks.web', 'p', { role: 'eks.web:role.a', resource: 'eks.a:role.b' }),
  updateDomain: (writes) => writes.updateDomain('eks.web', { ...cleared, description: 'a', tags: { team: ['x'] } }),
  updateRole: (writes) => writes.updateRole('eks.web', 'viewers', flags),
  deleteDomain: (writes) => writes.deleteDomain('eks.web'),
};

for (const [name, call] of Object.entries(calls)) {
  test(`${name} sends the audit reference, and the owner for domains only`, async () => {
    const status = name === 'createDomain' ? 200 : 204;
    const body = status === 200 ? { name: 'eks.web', modified: '2026-11-21T01:28:12.071Z' } : '';
    await using fixture = await replay({ status, body }, { auditRef: 'run 7', owner: 'gitops' });
    await call(fixture.writes);
    const owner = /Domain/.test(name) ? 'gitops' : undefined;
    const { headers = {} } = fixture.sent[0] ?? {};
    assert.deepEqual([headers['y-audit-ref'], headers['athenz-resource-owner']], ['run 7', owner]);
  });

  for (const [what, answer] of [
    ['an HTML page from a proxy', html],
    ['another domain', { status: 200, body: { name: 'eks.other', modified: '2026-11-21T01:28:12.071Z' } }],
    ['a redirect', { status: 302, body: '' }],
    ['an empty body', { status: 200, body: '' }],
  ] as const) {
    test(`${name} rejects ${what} as a response`, async () => {
      await using fixture = await replay(answer);
      await assert.rejects(call(fixture.writes), { code: 'ZMS_BAD_RESPONSE' });
    });
  }
}

test('a write is not retried when the server is down', async () => {
  for (const call of Object.values(calls)) {
    await using fixture = await replay(readExchange('error/db-down-modified-domains').response);
    await assert.rejects(call(fixture.writes), { code: 'ZMS_UNAVAILABLE' });
    assert.equal(fixture.sent.length, 1, 'the write must be sent once');
  }
});

test('settings are updated through the meta endpoints, which take no members', async () => {
  await using fixture = await replay({ status: 204 });
  await fixture.writes.updateRole('eks.web', 'viewers', { ...flags, memberExpiryDays: 30, tags: { team: ['x'] } });
  const kept = { description: 'a', applicationId: 'app', autoDeleteTenantAssumeRoleAssertions: true };
  await fixture.writes.updateDomain('eks.web', kept);
  assert.deepEqual(
    fixture.sent.map(({ method, path, body }) => [`${method} ${path}`, body]),
    [
      [
        'PUT /zms/v1/domain/eks.web/role/viewers/meta',
        { ...flags, memberExpiryDays: 30, tags: { team: { list: ['x'] } } },
      ],
      ['PUT /zms/v1/domain/eks.web/meta', kept],
    ],
  );
});

for (const name of [
  '..',
  '.',
  '',
  'a/b',
  '../x',
  'a?b',
  'a#b',
  '%2e%2e',
  'a b',
  'a..b',
  '.a',
  'a\n',
  'ä',
  'n'.repeat(513),
]) {
  test(`rejects the name ${JSON.stringify(name.slice(0, 20))} without a request`, async () => {
    await using fixture = await replay({ status: 204 });
    const { writes } = fixture;
    for (const call of [
      () => writes.createDomain(name.includes('.') ? name : `eks.${name}`, { adminUsers: [], tags: {} }),
      () => writes.putRole(name, 'viewers', { members: [], tags: {} }),
      () => writes.putRole('eks.web', name, { members: [], tags: {} }),
      () => writes.putGroup('eks.web', name, []),
      () => writes.putPolicy('eks.web', name, { role: '', resource: '' }),
      () => writes.updateDomain(name, cleared),
      () => writes.updateRole('eks.web', name, flags),
      () => writes.unsignedSettings(name, ''),
      () => writes.deleteDomain(`eks.${name}`),
      () => writes.lookForDomain(name),
      () => writes.lookFor('role', 'eks.web', name),
      () => writes.subdomainQuota(name),
    ]) {
      await assert.rejects(async () => call(), { code: 'ZMS_BAD_RESPONSE' });
    }
    assert.deepEqual(fixture.sent, []);
  });
}

test('rejects creating or deleting a top-level domain', async () => {
  await using fixture = await replay({ status: 204 });
  await assert.rejects(async () => fixture.writes.deleteDomain('eks'), { code: 'ZMS_BAD_RESPONSE' });
  await assert.rejects(async () => fixture.writes.createDomain('eks', { adminUsers: [], tags: {} }), {
    code: 'ZMS_BAD_RESPONSE',
  });
  assert.deepEqual(fixture.sent, []);
});

test('a 404 that is not from ZMS fails with ZMS_NOT_FOUND', async () => {
  for (const name of ['error/unknown-path-404', 'error/root-404']) {
    await using fixture = await replay(readExchange(name).response);
    await assert.rejects(fixture.writes.lookForDomain('eks.web'), { code: 'ZMS_NOT_FOUND' });
    await assert.rejects(fixture.writes.lookFor('role', 'eks.web', 'viewers'), { code: 'ZMS_NOT_FOUND' });
  }
});

for (const [message, expected] of [
  ['Domain name conflict: eks.web', 'there'],
  // The response to the slower of two concurrent requests.
  ['Entry already exists', 'there'],
  ['Invalid SubDomain: Domain name conflict', 'ZMS_REFUSED'],
] as const) {
  test(`whatever creates reads "${message}" as ${expected}`, async () => {
    for (const name of ['createDomain', 'putRole', 'putGroup', 'putPolicy']) {
      await using fixture = await replay({ status: 400, body: { code: 400, message } });
      assert.equal(await calls[name]?.(fixture.writes).catch(({ code }) => code), expected, name);
    }
  });
}

test('reads the settings that no signed document has, and refuses stale ones', async () => {
  const { response } = readExchange('meta/domain-flag-on');
  await using fixture = await replay(response);
  const modified = '2026-11-27T06:25:22.037Z';
  assert.deepEqual(await fixture.writes.unsignedSettings('recs.a', modified), {
    modified,
    autoDeleteTenantAssumeRoleAssertions: true,
  });
  await assert.rejects(fixture.writes.unsignedSettings('recs.a', '2026-11-27T06:25:22.038Z'), { code: 'ZMS_STALE' });
});
