import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { openSandbox } from '../support/authority.ts';
import { call, clockAt } from './client.ts';
import { getRole, putRole, send, state } from './writing.ts';

const meta = '/domain/acme.eks.shop/role/viewers/meta';
const start = '2026-01-01T00:00:00.000Z';

async function membersOf(sandbox: Sandbox, query = ''): Promise<readonly unknown[]> {
  const { roleMembers = [] } = await getRole(sandbox, 'viewers', query);
  return roleMembers.map(({ memberName }: { memberName: string }) => memberName);
}

test('writing a whole role replaces its settings and members', async () => {
  await using sandbox = await openSandbox({ state });
  const members = { roleMembers: [{ memberName: 'user.ada' }] };
  await putRole(sandbox, 'viewers', { ...members, selfServe: true, description: 'who looks', memberExpiryDays: 9 });
  await putRole(sandbox, 'viewers', { description: 'others' });
  const { modified: _, ...role } = await getRole(sandbox, 'viewers');
  assert.deepEqual(role, { description: 'others', name: 'acme.eks.shop:role.viewers' });
});

test('writing role meta keeps other settings, and resets flags that it does not name', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }], selfServe: true, description: 'a' });
  assert.equal((await send(sandbox, 'PUT', meta, { body: { description: 'b', selfServe: null } })).status, 204);
  const { description, selfServe } = await getRole(sandbox, 'viewers');
  assert.deepEqual([description, selfServe, await membersOf(sandbox)], ['b', undefined, ['user.ada']]);
});

test('an unauthorized principal cannot write role meta', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', {});
  assert.equal((await send(sandbox, 'PUT', meta, { body: { selfServe: true }, as: 'user.ada' })).status, 403);
  assert.equal((await getRole(sandbox, 'viewers')).selfServe, undefined);
});

const expiries: readonly (readonly [what: string, requested: string | undefined, expected: string])[] = [
  ['no expiry', undefined, '2026-01-11T00:00:00.000Z'],
  ['a later expiry', '2026-06-01T00:00:00.000Z', '2026-01-11T00:00:00.000Z'],
  ['an earlier expiry', '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
];
for (const [what, expiration, expected] of expiries) {
  for (const way of ['role', 'meta', 'member', 'domain'] as const) {
    test(`memberExpiryDays caps a member with ${what} (${way})`, async () => {
      await using sandbox = await openSandbox({ state, now: clockAt(start).now });
      const days = { memberExpiryDays: 10 };
      const member = { memberName: 'user.ada', expiration };
      if (way === 'domain') await send(sandbox, 'PUT', '/domain/acme.eks.shop/meta', { body: days });
      const roleMembers = way === 'member' ? [] : [member];
      await putRole(sandbox, 'viewers', { roleMembers, ...(way === 'role' || way === 'member' ? days : {}) });
      if (way === 'meta') await send(sandbox, 'PUT', meta, { body: days });
      if (way === 'member')
        await send(sandbox, 'PUT', '/domain/acme.eks.shop/role/viewers/member/user.ada', { body: member });
      assert.equal((await getRole(sandbox, 'viewers')).roleMembers[0].expiration, expected);
    });
  }
}

test('a member of a reviewed role is active once another principal approves', async () => {
  await using sandbox = await openSandbox({ state });
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

test('writing a reviewed role drops missing members and adds new ones as pending', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }, { memberName: 'user.bo' }] });
  await putRole(sandbox, 'viewers', {
    reviewEnabled: true,
    roleMembers: [{ memberName: 'user.ada' }, { memberName: 'user.chen' }],
  });
  assert.deepEqual(await membersOf(sandbox), ['user.ada']);
  assert.deepEqual(await membersOf(sandbox, '?pending=true'), ['user.ada', 'user.chen']);
});

test('adds and removes single members', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [{ memberName: 'user.ada' }] });
  const path = '/domain/acme.eks.shop/role/viewers/member/user.bo';
  assert.equal((await send(sandbox, 'PUT', path, { body: { memberName: 'user.bo' } })).status, 204);
  assert.deepEqual(await membersOf(sandbox), ['user.ada', 'user.bo']);
  assert.equal((await send(sandbox, 'DELETE', path, { as: 'user.eve' })).status, 403);
  assert.equal((await send(sandbox, 'DELETE', path)).status, 204);
  assert.deepEqual(await membersOf(sandbox), ['user.ada']);
});

test('an audited domain rejects writes without an audit reference', async () => {
  await using sandbox = await openSandbox({
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
    // Entities to delete are created by earlier writes in the list.
    const { status, body: rejected } = await send(sandbox, method, path, sent);
    assert.equal(status, 400, path);
    assert.match(rejected.message, /^[a-z]+: Audit reference required for domain: acme\.eks\.shop$/);
    assert.equal((await call(sandbox, domain)).body.modified, before);
    assert.equal((await send(sandbox, method, path, { ...sent, headers: { 'Y-Audit-Ref': 'T-1' } })).status, 204, path);
  }
});
