import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { flattenedVerify, importSPKI } from 'jose';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { createSigner } from '../../src/sandbox/sign.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';

const state: StateInput = { domains: { 'eks.users.ns1': { roles: { k8s_edit: ['user.alice'] } } } };

async function payloadOf(sandbox: Sandbox, domain: string) {
  const { payload } = (await call(sandbox, `/domain/${domain}/signed`)).body;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

test('keeps suspended members of roles and groups and marks them', async () => {
  const zed = { name: 'user.zed', suspended: true, expires: '2031-01-01T00:00:00Z' };
  await using sandbox = await openSandbox({
    state: { domains: { acme: { roles: { r: [zed] }, groups: { g: [zed] } } } },
  });
  const payload = await payloadOf(sandbox, 'acme');
  assert.deepEqual(payload.roles[0].roleMembers, [
    {
      memberName: 'user.zed',
      expiration: '2031-01-01T00:00:00.000Z',
      requestPrincipal: 'sys.auth.monitor',
      systemDisabled: 4,
      principalType: 1,
    },
  ]);
  assert.deepEqual(payload.groups[0].groupMembers, [
    {
      memberName: 'user.zed',
      groupName: 'acme:group.g',
      expiration: '2031-01-01T00:00:00.000Z',
      systemDisabled: 4,
    },
  ]);
});

test('writes assume_role assertions with full role names', async () => {
  const assumes = [
    { role: 'sre', resource: 'acme.eks.*:role.view' },
    { role: 'other:role.x', resource: 'acme.eks.a:role.view', effect: 'DENY' },
  ] as const;
  await using sandbox = await openSandbox({ state: { domains: { acme: { roles: { sre: ['user.a'] }, assumes } } } });
  const [, policy] = (await payloadOf(sandbox, 'acme')).policies.contents.policies;
  assert.deepEqual(policy.assertions, [
    { role: 'acme:role.sre', resource: 'acme.eks.*:role.view', action: 'assume_role', effect: 'ALLOW', id: 2 },
    { role: 'other:role.x', resource: 'acme.eks.a:role.view', action: 'assume_role', effect: 'DENY', id: 3 },
  ]);
});

test('serves members that a state file would reject', async () => {
  const odd = ['a\nb', '\ud800.x', '', { name: 'user.a', expires: 'soon' }];
  await using sandbox = await openSandbox({ state: { domains: { acme: { roles: { r: odd } } } } });
  const [role] = (await payloadOf(sandbox, 'acme')).roles;
  assert.deepEqual(
    role.roleMembers.map((member: { memberName: string; expiration?: string }) => [
      member.memberName,
      member.expiration,
    ]),
    [
      ['a\nb', undefined],
      ['\ud800.x', undefined],
      ['', undefined],
      ['user.a', 'soon'],
    ],
  );
});

test('serves a disabled domain and marks it as disabled', async () => {
  await using sandbox = await openSandbox({
    state: { domains: { acme: { enabled: false, roles: { r: ['user.a'] } } } },
  });
  const payload = await payloadOf(sandbox, 'acme');
  assert.equal(payload.enabled, false);
  assert.equal(payload.roles[0].roleMembers.length, 1);
});

test('both document formats include domain settings only if they are set', async () => {
  const set = { memberExpiryDays: 30, serviceExpiryDays: 20, groupExpiryDays: 10 };
  const tags = { team: ['b', 'a'] };
  const domains = { acme: { ...set, tags, owners: { meta: 'gitops' } }, bare: null };
  await using sandbox = await openSandbox({ state: { domains } });
  const unsigned = async (name: string) =>
    (await call(sandbox, `/sys/modified_domains?domain=${name}`)).body.domains[0];
  const documentsOf = async (name: string) => [await payloadOf(sandbox, name), (await unsigned(name)).domain];
  for (const document of await documentsOf('acme')) {
    const { memberExpiryDays, serviceExpiryDays, groupExpiryDays } = document;
    assert.deepEqual({ memberExpiryDays, serviceExpiryDays, groupExpiryDays }, set);
    assert.deepEqual(document.tags, { team: { list: ['a', 'b'] } });
    assert.ok(!('resourceOwnership' in document));
  }
  for (const document of await documentsOf('bare')) {
    for (const key of [...Object.keys(set), 'tags']) assert.ok(!(key in document), key);
  }
});

for (const algorithm of ['ES256', 'RS256'] as const) {
  test(`signs a flattened JWS with ${algorithm}`, async () => {
    await using sandbox = await openSandbox({ state, signer: await createSigner(algorithm) });
    const { body } = await call(sandbox, '/domain/eks.users.ns1/signed?signaturep1363format=true');
    assert.deepEqual(body.header, { kid: '0' });
    const key = await importSPKI(sandbox.publicKeys['0'] ?? '', algorithm);
    // jose rejects a kid both inside and outside the protected header, so the outer one is dropped.
    const { payload, protected: head, signature } = body;
    const { protectedHeader } = await flattenedVerify({ payload, protected: head, signature }, key);
    assert.deepEqual(protectedHeader, { kid: '0', alg: algorithm });
    const forged = Buffer.from('{}').toString('base64url');
    await assert.rejects(flattenedVerify({ payload: forged, protected: head, signature }, key));
  });
}

test('returns a DER signature for EC keys unless P1363 is requested', async () => {
  await using sandbox = await openSandbox({ state });
  const { body } = await call(sandbox, '/domain/eks.users.ns1/signed');
  const { payload, protected: head, signature } = body;
  const key = createPublicKey(sandbox.publicKeys['0'] ?? '');
  const bytes = Buffer.from(signature, 'base64url');
  assert.ok(verify('sha256', Buffer.from(`${head}.${payload}`), { key, dsaEncoding: 'der' }, bytes));
  await assert.rejects(flattenedVerify({ payload, protected: head, signature }, key));
});

test('returns the public key in ybase64, under its id only', async () => {
  await using sandbox = await openSandbox();
  const { body } = await call(sandbox, '/domain/sys.auth/service/zms/publickey/0');
  assert.deepEqual(Object.keys(body), ['key', 'id']);
  const base64 = body.key.replaceAll('.', '+').replaceAll('_', '/').replaceAll('-', '=');
  assert.equal(Buffer.from(base64, 'base64').toString(), sandbox.publicKeys['0']);
  assert.equal((await call(sandbox, '/domain/sys.auth/service/zms/publickey/1')).status, 404);
  const [service] = (await payloadOf(sandbox, 'sys.auth')).services;
  assert.deepEqual(service.publicKeys, [{ key: body.key, id: '0' }]);
});
