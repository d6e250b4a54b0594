import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateInput } from '../../src/sandbox/state.ts';
import { openSandbox } from '../support/authority.ts';
import { clockAt } from './client.ts';
import { send } from './writing.ts';

type Domain = NonNullable<StateInput['domains'][string]>;

const allow = { role: 'writers', resource: 'acme:role.*', action: 'update' };
const ada: Domain = { roles: { writers: ['user.ada'], r: [] }, policies: { p: [allow] } };

/** The state of `acme`, and whether `user.ada` may write its role `r`. */
const cases: readonly (readonly [what: string, acme: Domain, allowed: boolean])[] = [
  ['no policy exists', { roles: { r: [] } }, false],
  ['a policy allows a role of the user', ada, true],
  ['a policy allows another action', { ...ada, policies: { p: [{ ...allow, action: 'delete' }] } }, false],
  ['a policy names another resource', { ...ada, policies: { p: [{ ...allow, resource: 'acme:role.x' }] } }, false],
  ['another policy denies it', { ...ada, policies: { p: [allow], q: [{ ...allow, effect: 'DENY' }] } }, false],
  ['the role contains all principals', { ...ada, roles: { writers: ['*'], r: [] } }, true],
  ['the role contains all users', { ...ada, roles: { writers: ['user.*'], r: [] } }, true],
  [
    'the role contains a group of the user',
    { ...ada, roles: { writers: ['acme:group.g'], r: [] }, groups: { g: ['user.ada'] } },
    true,
  ],
  [
    'the membership has expired',
    { ...ada, roles: { writers: [{ name: 'user.ada', expires: '2025-12-31T00:00:00Z' }], r: [] } },
    false,
  ],
  ['the member is suspended', { ...ada, roles: { writers: [{ name: 'user.ada', suspended: true }], r: [] } }, false],
  ['the user is in the admin role', { roles: { admin: ['user.ada'], r: [] } }, true],
  [
    'the membership is pending approval',
    { ...ada, roles: { writers: { pending: [{ name: 'user.ada', requested: '2025-12-31T00:00:00Z' }] }, r: [] } },
    false,
  ],
];
for (const [what, acme, allowed] of cases) {
  test(`${allowed ? 'allows' : 'denies'} a write when ${what}`, async () => {
    const { now } = clockAt('2026-01-01T00:00:00.000Z');
    await using sandbox = await openSandbox({ state: { domains: { acme } }, now });
    const { status } = await send(sandbox, 'PUT', '/domain/acme/role/r', { body: { name: 'r' }, as: 'user.ada' });
    assert.equal(status, allowed ? 204 : 403);
  });
}

test('a delegated role allows the members named by the trusted domain', async () => {
  const domains: StateInput['domains'] = {
    acme: { roles: { writers: { trust: 'partner' }, r: [] }, policies: { p: [allow] } },
    partner: { roles: { staff: ['user.ada'] }, assumes: [{ role: 'staff', resource: 'acme:role.writers' }] },
  };
  await using sandbox = await openSandbox({ state: { domains } });
  const body = { name: 'r' };
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/role/r', { body, as: 'user.ada' })).status, 204);
  assert.equal((await send(sandbox, 'PUT', '/domain/acme/role/r', { body, as: 'user.bo' })).status, 403);
});
