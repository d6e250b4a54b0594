import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../src/sandbox/server.ts';
import { getRole, provisioner, putRole, send, state } from './writing.ts';

const users = (count: number) => Array.from({ length: count }, (_, index) => ({ memberName: `user.u${index}` }));

test('a role takes as many members as the quota says, and not one more', async () => {
  await using sandbox = await startSandbox({ state });
  assert.equal((await putRole(sandbox, 'viewers', { roleMembers: users(100) })).status, 204);
  assert.equal((await putRole(sandbox, 'viewers', { roleMembers: users(101) })).status, 429);
  const path = '/domain/acme.eks.shop/role/viewers/member/user.more';
  assert.equal((await send(sandbox, 'PUT', path, { body: { memberName: 'user.more' } })).status, 429);
  assert.equal((await getRole(sandbox, 'viewers')).roleMembers.length, 100);
});

test('subdomains are counted over the whole tree of the top domain, against a quota of its own', async () => {
  await using sandbox = await startSandbox({ state });
  const make = (name: string) =>
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
  // acme.eks, acme.eks.shop and acme.platform are there.
  const body = { name: 'acme', ...quota, subdomain: 4 };
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/quota', { body })).status, 403);
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/quota', { body, as: 'user.athenz_admin' })).status, 204);
  assert.equal((await make('one')).status, 200);
  const { status, body: refused } = await make('two');
  assert.deepEqual([status, refused.message], [429, 'subdomain quota exceeded - limit: 4 actual: 5']);
});

test('who may not write is told that, whatever else is wrong with the request', async () => {
  await using sandbox = await startSandbox({ state });
  const path = '/domain/acme.eks.shop/role/bad%20name';
  const body = { name: 'other' };
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.eve' })).status, 403);
  assert.equal((await send(sandbox, 'PUT', path, { body })).status, 400);
});

test('who asked for a member is noted where a write makes the role, and not where it changes one', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: users(1) });
  await putRole(sandbox, 'viewers', { roleMembers: users(2) });
  const { roleMembers } = await getRole(sandbox, 'viewers');
  assert.deepEqual(
    roleMembers.map(({ requestPrincipal }: { requestPrincipal?: string }) => requestPrincipal),
    [provisioner, undefined],
  );
});

test('a policy for something else delegates nothing', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { trust: 'acme.platform' });
  const assertion = { role: 'acme.platform:role.sre', resource: 'acme.eks.shop:role.viewers', action: 'read' };
  const body = { name: 'acme.platform:policy.p', assertions: [assertion] };
  const path = '/domain/acme.platform/policy/p';
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.athenz_admin' })).status, 204);
  assert.equal((await getRole(sandbox, 'viewers', '?expand=true')).roleMembers, undefined);
});

test('a write that says it is no JSON is refused, in POST with the body of the container', async () => {
  await using sandbox = await startSandbox({ state });
  const headers = { 'content-type': 'text/plain' };
  const body = { name: 'book', parent: 'acme.eks', adminUsers: [provisioner] };
  const post = await send(sandbox, 'POST', '/subdomain/acme.eks', { body, headers });
  assert.deepEqual([post.status, post.body.message], [415, 'Unsupported Media Type']);
  const put = await putRole(sandbox, 'viewers', {}, { headers });
  assert.deepEqual([put.status, put.text], [415, '']);
});

test('a group that a role elsewhere holds keeps its domain, one in a role that goes with it does not', async () => {
  const held = { 'acme.eks.shop': { groups: { g: [] }, roles: { r: ['acme.eks.shop:group.g'] } } };
  const as = 'user.athenz_admin';
  await using sandbox = await startSandbox({ state: { domains: { ...state.domains, ...held } } });
  sandbox.update(({ domains }) => ({ domains: { ...domains, other: { roles: { r: ['acme.eks.shop:group.g'] } } } }));
  const { status, body } = await send(sandbox, 'DELETE', '/subdomain/acme.eks/shop', { as });
  assert.deepEqual([status, /: other:role\.r$/.test(body.message)], [400, true]);
  sandbox.update(({ domains }) => ({ domains: { ...domains, other: null } }));
  assert.equal((await send(sandbox, 'DELETE', '/subdomain/acme.eks/shop', { as })).status, 204);
});
