import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { call, clockAt } from './client.ts';
import { getRole, putRole, send, state } from './writing.ts';

const meta = '/domain/acme.eks.shop/role/viewers/meta';
const start = '2026-01-01T00:00:00.000Z';

async function membersOf(sandbox: Sandbox, query = ''): Promise<readonly unknown[]> {
  const { roleMembers = [] } = await getRole(sandbox, 'viewers', query);
  return roleMembers.map(({ memberName }: { memberName: string }) => memberName);
}

test('a whole role replaces its settings and members', async () => {
  await using sandbox = await startSandbox({ state });
  const members = { roleMembers: [{ memberName: 'user.ada' }] };
  await putRole(sandbox, 'viewers', { ...members, selfServe: true, description: 'who looks', memberExpiryDays: 9 });
  await putRole(sandbox, 'viewers', { description: 'others' });
  const { modified: _, ...role } = await getRole(sandbox, 'viewers');
  assert.deepEqual(role, { description: 'others', name: 'acme.eks.shop:role.viewers' });
});

test('meta changes what it names, and leaves members and the other settings', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }], selfServe: true, description: 'a' });
  assert.equal((await send(sandbox, 'PUT', meta, { body: { description: 'b', selfServe: null } })).status, 204);
  const { description, selfServe } = await getRole(sandbox, 'viewers');
  assert.deepEqual([description, selfServe, await membersOf(sandbox)], ['b', true, ['user.ada']]);
});

test('meta is for whom the role is', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', {});
  assert.equal((await send(sandbox, 'PUT', meta, { body: { selfServe: true }, as: 'user.ada' })).status, 403);
  assert.equal((await getRole(sandbox, 'viewers')).selfServe, undefined);
});

const ends: readonly (readonly [what: string, asked: string | undefined, end: string])[] = [
  ['no end', undefined, '2026-01-11T00:00:00.000Z'],
  ['a later end', '2026-06-01T00:00:00.000Z', '2026-01-11T00:00:00.000Z'],
  ['a nearer end', '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
];
for (const [what, expiration, end] of ends) {
  for (const way of ['role', 'meta', 'member', 'domain'] as const) {
    test(`memberExpiryDays of the ${way} ends a membership that asks for ${what}`, async () => {
      await using sandbox = await startSandbox({ state, now: clockAt(start).now });
      const days = { memberExpiryDays: 10 };
      const member = { memberName: 'user.ada', expiration };
      if (way === 'domain') await send(sandbox, 'PUT', '/domain/acme.eks.shop/meta', { body: days });
      const roleMembers = way === 'member' ? [] : [member];
      await putRole(sandbox, 'viewers', { roleMembers, ...(way === 'role' || way === 'member' ? days : {}) });
      if (way === 'meta') await send(sandbox, 'PUT', meta, { body: days });
      if (way === 'member')
        await send(sandbox, 'PUT', '/domain/acme.eks.shop/role/viewers/member/user.ada', { body: member });
      assert.equal((await getRole(sandbox, 'viewers')).roleMembers[0].expiration, end);
    });
  }
}

test('a member of a reviewed role is in once somebody else says so', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { reviewEnabled: true, roleMembers: [{ memberName: 'user.ada' }] });
  assert.deepEqual([await membersOf(sandbox), await membersOf(sandbox, '?pending=true')], [[], ['user.ada']]);
  const path = '/domain/acme.eks.shop/role/viewers/member/user.ada/decision';
  const body = { memberName: 'user.ada', approved: true };
  assert.equal((await send(sandbox, 'PUT', path, { body })).status, 403);
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.eve' })).status, 403);
  assert.deepEqual(await membersOf(sandbox), []);
  assert.equal((await send(sandbox, 'PUT', path, { body, as: 'user.athenz_admin' })).status, 204);
  assert.deepEqual([await membersOf(sandbox), await membersOf(sandbox, '?pending=true')], [['user.ada'], ['user.ada']]);
});

test('a reviewed role that is written whole keeps who is in, loses who is left out and lets who is new wait', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }, { memberName: 'user.bo' }] });
  await putRole(sandbox, 'viewers', {
    reviewEnabled: true,
    roleMembers: [{ memberName: 'user.ada' }, { memberName: 'user.chen' }],
  });
  assert.deepEqual(await membersOf(sandbox), ['user.ada']);
  assert.deepEqual(await membersOf(sandbox, '?pending=true'), ['user.ada', 'user.chen']);
});

test('members are let in and taken out one by one', async () => {
  await using sandbox = await startSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }] });
  const path = '/domain/acme.eks.shop/role/viewers/member/user.bo';
  assert.equal((await send(sandbox, 'PUT', path, { body: { memberName: 'user.bo' } })).status, 204);
  assert.deepEqual(await membersOf(sandbox), ['user.ada', 'user.bo']);
  assert.equal((await send(sandbox, 'DELETE', path, { as: 'user.eve' })).status, 403);
  assert.equal((await send(sandbox, 'DELETE', path)).status, 204);
  assert.deepEqual(await membersOf(sandbox), ['user.ada']);
});

test('an audited domain is written to with a reference only', async () => {
  await using sandbox = await startSandbox({
    state: { domains: { 'acme.eks.shop': { auditEnabled: true, roles: { viewers: [] } } } },
  });
  const as = 'user.athenz_admin';
  const domain = '/domain/acme.eks.shop';
  const writes = [
    ['PUT', `${domain}/role/viewers`, { name: 'viewers' }],
    ['PUT', `${domain}/role/viewers/meta`, { selfServe: true }],
    ['PUT', `${domain}/role/viewers/member/user.ada`, { memberName: 'user.ada' }],
    ['DELETE', `${domain}/role/viewers/member/user.ada`, undefined],
    ['PUT', `${domain}/meta`, { description: 'x' }],
    ['PUT', `${domain}/policy/p`, { name: 'p', assertions: [] }],
    ['PUT', `${domain}/group/g`, { name: 'g' }],
    ['DELETE', `${domain}/group/g`, undefined],
    ['DELETE', `${domain}/policy/p`, undefined],
    ['DELETE', `${domain}/role/viewers`, undefined],
  ] as const;
  for (const [method, path, body] of writes) {
    const sent = { as, ...(body === undefined ? {} : { body }) };
    const before = (await call(sandbox, domain)).body.modified;
    // What does not exist yet cannot be deleted; it is made by the write above it in the list.
    const { status, body: refused } = await send(sandbox, method, path, sent);
    assert.equal(status, 400, path);
    assert.match(refused.message, /^[a-z]+: Audit reference required for domain: acme\.eks\.shop$/);
    assert.equal((await call(sandbox, domain)).body.modified, before);
    assert.equal((await send(sandbox, method, path, { ...sent, headers: { 'Y-Audit-Ref': 'T-1' } })).status, 204, path);
  }
});
