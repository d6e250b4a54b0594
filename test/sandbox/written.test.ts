import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';
import { documentOf, getRole, provisioner, putRole, send, state } from './writing.ts';

const list = '/sys/modified_domains?metaonly=true';
const book = { name: 'book', parent: 'acme.eks', adminUsers: [provisioner, 'user.ada'] };

async function newest(sandbox: Sandbox): Promise<string> {
  return (await call(sandbox, list)).headers.etag ?? '';
}

test('a new domain and its role appear in the list, the document and direct reads', async () => {
  await using sandbox = await openSandbox({ state });
  const before = await newest(sandbox);
  assert.equal((await send(sandbox, 'POST', '/subdomain/acme.eks', { body: book })).status, 200);
  const role = { name: 'acme.eks.book:role.viewers', memberExpiryDays: 30, tags: { team: { list: ['shop'] } } };
  const path = '/domain/acme.eks.book/role/viewers';
  assert.equal((await send(sandbox, 'PUT', path, { body: { ...role, roleMembers: [] } })).status, 204);

  const { headers, body } = await call(sandbox, list, { headers: { 'if-none-match': before } });
  assert.deepEqual(
    body.domains.map(({ domain }: { domain: { name: string } }) => domain.name),
    ['acme.eks.book'],
  );
  const { roles, modified } = await documentOf(sandbox, 'acme.eks.book');
  assert.equal(`"${modified}"`, headers.etag);
  const { memberExpiryDays, tags, name } = role;
  assert.deepEqual(roles[1], { memberExpiryDays, tags, name, modified });
  assert.deepEqual((await call(sandbox, path)).body, roles[1]);
  const admins = roles[0].roleMembers.map(({ memberName }: { memberName: string }) => memberName);
  assert.deepEqual([roles[0].name, admins], ['acme.eks.book:role.admin', [provisioner, 'user.ada']]);
});

test('stamps only the written domain, even if the write changes nothing', async () => {
  await using sandbox = await openSandbox({ state });
  const seen = [await newest(sandbox)];
  for (let round = 0; round < 2; round++) {
    assert.equal((await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }] })).status, 204);
    const { headers, body } = await call(sandbox, list, { headers: { 'if-none-match': seen.at(-1) ?? '' } });
    assert.deepEqual([body.domains.length, body.domains[0].domain.name], [1, 'acme.eks.shop']);
    seen.push(headers.etag ?? '');
  }
  assert.deepEqual(seen, [...new Set(seen)].sort());
});

test('a delegated role expands to the members that the trusted domain allows', async () => {
  await using sandbox = await openSandbox({ state });
  assert.equal((await putRole(sandbox, 'viewers', { trust: 'acme.platform' })).status, 204);
  const members = async () => (await getRole(sandbox, 'viewers', '?expand=true')).roleMembers;
  assert.equal(await members(), undefined);
  const assertion = {
    role: 'acme.platform:role.sre',
    resource: 'acme.eks.*:role.viewers',
    action: 'assume_role',
  };
  const policy = { name: 'acme.platform:policy.assume', assertions: [{ ...assertion, effect: 'ALLOW' }] };
  const path = '/domain/acme.platform/policy/assume';
  assert.equal((await send(sandbox, 'PUT', path, { body: policy })).status, 403);
  assert.equal((await send(sandbox, 'PUT', path, { body: policy, as: 'user.athenz_admin' })).status, 204);
  assert.deepEqual(
    (await members()).map(({ memberName }: { memberName: string }) => memberName),
    ['user.chen'],
  );
  const { policies } = await documentOf(sandbox, 'acme.platform');
  assert.deepEqual(policies.contents.policies.at(-1).assertions, [{ ...assertion, effect: 'ALLOW', id: 2 }]);
  assert.equal((await send(sandbox, 'DELETE', path, { as: 'user.athenz_admin' })).status, 204);
  assert.equal(await members(), undefined);
});

test('deleting a role stamps its domain, deleting a domain stamps nothing', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', {});
  const before = await newest(sandbox);
  assert.equal((await send(sandbox, 'DELETE', '/domain/acme.eks.shop/role/viewers')).status, 204);
  assert.equal((await documentOf(sandbox, 'acme.eks.shop')).roles.length, 1);
  const after = await newest(sandbox);
  assert.ok(after > before);
  assert.equal((await send(sandbox, 'DELETE', '/subdomain/acme.eks/shop')).status, 204);
  assert.equal((await call(sandbox, list, { headers: { 'if-none-match': after } })).status, 304);
  assert.equal((await call(sandbox, '/domain/acme.eks.shop')).status, 404);
});

test('a sandbox started from the state of another has all its writes', async () => {
  await using first = await openSandbox({ state });
  await send(first, 'POST', '/subdomain/acme.eks', { body: book });
  const content = { reviewEnabled: true, description: 'who looks', roleMembers: [{ memberName: 'user.ada' }] };
  await putRole(first, 'viewers', content, { headers: { 'athenz-resource-owner': 'gitops', 'y-audit-ref': 'x' } });
  await using second = await openSandbox({ state: first.state() });
  assert.deepEqual(second.state(), first.state());
  const { modified: _, ...role } = await getRole(second, 'viewers', '?pending=true');
  const { modified: __, ...original } = await getRole(first, 'viewers', '?pending=true');
  assert.deepEqual(role, original);
});

test('update() keeps earlier writes', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { selfServe: true, tags: { team: { list: ['shop'] } } });
  const { modified } = await getRole(sandbox, 'viewers');
  sandbox.update(({ domains }) => ({ domains: { ...domains, other: null } }));
  const role = await getRole(sandbox, 'viewers');
  assert.deepEqual([role.selfServe, role.tags, role.modified], [true, { team: { list: ['shop'] } }, modified]);
});
