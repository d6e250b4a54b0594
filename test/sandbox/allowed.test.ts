import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { clockAt } from './client.ts';
import { send } from './writing.ts';

type Domain = NonNullable<StateInput['domains'][string]>;

const allow = { role: 'writers', resource: 'acme:role.*', action: 'update' };
const ada: Domain = { roles: { writers: ['user.ada'], r: [] }, policies: { p: [allow] } };

/** What `acme` holds, and whether `user.ada` may then write its role `r`. */
const cases: readonly (readonly [what: string, acme: Domain, allowed: boolean])[] = [
  ['nobody is let in', { roles: { r: [] } }, false],
  ['a policy lets her role', ada, true],
  ['a policy lets her role do something else', { ...ada, policies: { p: [{ ...allow, action: 'delete' }] } }, false],
  ['a policy is about another role', { ...ada, policies: { p: [{ ...allow, resource: 'acme:role.x' }] } }, false],
  ['another policy denies it', { ...ada, policies: { p: [allow], q: [{ ...allow, effect: 'DENY' }] } }, false],
  ['everybody may', { ...ada, roles: { writers: ['*'], r: [] } }, true],
  ['all users may', { ...ada, roles: { writers: ['user.*'], r: [] } }, true],
  ['a group of hers may', { ...ada, roles: { writers: ['acme:group.g'], r: [] }, groups: { g: ['user.ada'] } }, true],
  [
    'her membership ended',
    { ...ada, roles: { writers: [{ name: 'user.ada', expires: '2025-12-31T00:00:00Z' }], r: [] } },
    false,
  ],
  ['she is suspended', { ...ada, roles: { writers: [{ name: 'user.ada', suspended: true }], r: [] } }, false],
  ['she is an administrator', { roles: { admin: ['user.ada'], r: [] } }, true],
  [
    'she waits for approval',
    { ...ada, roles: { writers: { pending: [{ name: 'user.ada', requested: '2025-12-31T00:00:00Z' }] }, r: [] } },
    false,
  ],
];
for (const [what, acme, allowed] of cases) {
  test(`${allowed ? 'lets' : 'does not let'} somebody write where ${what}`, async () => {
    const { now } = clockAt('2026-01-01T00:00:00.000Z');
    await using sandbox = await startSandbox({ state: { domains: { acme } }, now });
    const { status } = await send(sandbox, 'PUT', '/domain/acme/role/r', { body: { name: 'r' }, as: 'user.ada' });
    assert.equal(status, allowed ? 204 : 403);
  });
}

test('a role that is delegated lets those in that the other domain names', async () => {
  const domains: StateInput['domains'] = {
    acme: { roles: { writers: { trust: 'partner' }, r: [] }, policies: { p: [allow] } },
    partner: { roles: { staff: ['user.ada'] }, assumes: [{ role: 'staff', resource: 'acme:role.writers' }] },
  };
  await using sandbox = await startSandbox({ state: { domains } });
  const body = { name: 'r' };
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/role/r', { body, as: 'user.ada' })).status, 204);
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/role/r', { body, as: 'user.bo' })).status, 403);
});
