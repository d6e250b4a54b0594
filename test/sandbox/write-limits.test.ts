import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSandbox } from '../support/authority.ts';
import { getRole, provisioner, putRole, send, state } from './writing.ts';

const users = (count: number) => Array.from({ length: count }, (_, index) => ({ memberName: `user.u${index}` }));

test('accepts role members up to the quota and rejects more', async () => {
  await using sandbox = await openSandbox({ state });
  assert.equal((await putRole(sandbox, 'viewers', { roleMembers: users(100) })).status, 204);
  assert.equal((await putRole(sandbox, 'viewers', { roleMembers: users(101) })).status, 429);
  const path = '/domain/acme.eks.shop/role/viewers/member/user.more';
  assert.equal((await send(sandbox, 'PUT', path, { body: { memberName: 'user.more' } })).status, 429);
  assert.equal((await getRole(sandbox, 'viewers')).roleMembers.length, 100);
});

test('counts subdomains of the whole tree against the quota of the top domain', async () => {
  await using sandbox = await openSandbox({ state });
  const createSubdomain = (name: string) =>
    send(sandbox, 'POST', '/subdomain/acme.eks', { body: { name, parent: 'acme.eks', adminUsers: [provisioner] } });
  const quota = Object.fromEntries(
    [
      'role',
      'roleMember',
      'policy',
      'assertion',
      'entity',
      'service',
      'serviceHost',
      'publicKey',
      'group',
      'groupMember',
    ].map((key) => [key, 10]),
  );
  // acme.eks, acme.eks.shop and acme.platform already exist.
  const body = { name: 'acme', ...quota, subdomain: 4 };
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/quota', { body })).status, 403);
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/quota', { body, as: 'user.athenz_admin' })).status, 204);
  assert.equal((await createSubdomain('one')).status, 200);
  const { status, body: rejected } = await createSubdomain('two');
  assert.deepEqual([status, rejected.message], [429, 'subdomain quota exceeded - limit: 4 actual: 5']);
});

test('checks authorization before validating the request', async () => {
  await using sandbox = await openSandbox({ state });
  const path = '/domain/acme.eks.shop/role/bad%20name';
  const body = { name: 'other' };
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.eve' })).status, 403);
  assert.equal((await send(sandbox, 'PUT', path, { body })).status, 400);
});

test('records the requester of members when a role is created, not when updated', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: users(1) });
  await putRole(sandbox, 'viewers', { roleMembers: users(2) });
  const { roleMembers } = await getRole(sandbox, 'viewers');
  assert.deepEqual(
    roleMembers.map(({ requestPrincipal }: { requestPrincipal?: string }) => requestPrincipal),
    [provisioner, undefined],
  );
});

test('a policy for an action other than assume_role delegates nothing', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { trust: 'acme.platform' });
  const assertion = { role: 'acme.platform:role.sre', resource: 'acme.eks.shop:role.viewers', action: 'read' };
  const body = { name: 'acme.platform:policy.p', assertions: [assertion] };
  const path = '/domain/acme.platform/policy/p';
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.athenz_admin' })).status, 204);
  assert.equal((await getRole(sandbox, 'viewers', '?expand=true')).roleMembers, undefined);
});

test('rejects a write that is not JSON with 415, and a body for POST only', async () => {
  await using sandbox = await openSandbox({ state });
  const headers = { 'content-type': 'text/plain' };
  const body = { name: 'book', parent: 'acme.eks', adminUsers: [provisioner] };
  const post = await send(sandbox, 'POST', '/subdomain/acme.eks', { body, headers });
  assert.deepEqual([post.status, post.body.message], [415, 'Unsupported Media Type']);
  const put = await putRole(sandbox, 'viewers', {}, { headers });
  assert.deepEqual([put.status, put.text], [415, '']);
});

test('a domain cannot be deleted while a role of another domain has its group', async () => {
  const withGroup = { 'acme.eks.shop': { groups: { g: [] }, roles: { r: ['acme.eks.shop:group.g'] } } };
  const as = 'user.athenz_admin';
  await using sandbox = await openSandbox({ state: { domains: { ...state.domains, ...withGroup } } });
  sandbox.update(({ domains }) => ({ domains: { ...domains, other: { roles: { r: ['acme.eks.shop:group.g'] } } } }));
  const { status, body } = await send(sandbox, 'DELETE', '/subdomain/acme.eks/shop', { as });
  assert.deepEqual([status, /: other:role\.r$/.test(body.message)], [400, true]);
  sandbox.update(({ domains }) => ({ domains: { ...domains, other: null } }));
  assert.equal((await send(sandbox, 'DELETE', '/subdomain/acme.eks/shop', { as })).status, 204);
});
