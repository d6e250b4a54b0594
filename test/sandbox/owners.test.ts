import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSandbox } from '../support/authority.ts';
import { getRole, putRole, send, state } from './writing.ts';

const path = '/domain/acme.eks.shop/role/viewers';
const by = (owner?: string) => ({ headers: owner === undefined ? {} : { 'Athenz-Resource-Owner': owner } });
const ada = { memberName: 'user.ada' };

test('a role created without members has owned settings and open membership', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', {}, by('gitops'));
  assert.deepEqual((await getRole(sandbox, 'viewers')).resourceOwnership, {
    metaOwner: 'gitops',
    objectOwner: 'gitops',
  });
  assert.equal((await send(sandbox, 'PUT', `${path}/member/user.ada`, { body: ada })).status, 204);
  const refusals = [
    [await putRole(sandbox, 'viewers', {}), /^Invalid resource owner for role: \S+:role\.viewers, gitops vs\. null$/],
    [await send(sandbox, 'PUT', `${path}/meta`, { body: {} }), /^Role has a resource owner: gitops$/],
    [await send(sandbox, 'DELETE', path, by('ui')), /gitops vs\. ui$/],
  ] as const;
  for (const [{ status, body }, message] of refusals) {
    assert.equal(status, 409);
    assert.match(body.message, message);
  }
  assert.equal((await getRole(sandbox, 'viewers')).roleMembers.length, 1);
});

test('a role created with members has owned membership', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', { roleMembers: [ada] }, by('gitops'));
  const body = { memberName: 'user.bo' };
  assert.equal((await send(sandbox, 'PUT', `${path}/member/user.bo`, { body })).status, 409);
  assert.equal((await send(sandbox, 'PUT', `${path}/member/user.bo`, { body, ...by('gitops') })).status, 204);
  assert.equal((await send(sandbox, 'DELETE', `${path}/member/user.bo`, by('ui'))).status, 409);
  assert.equal((await send(sandbox, 'DELETE', `${path}/member/user.bo`, by('ignore'))).status, 204);
});

test('the owner and the value "ignore" may update and delete a role', async () => {
  for (const owner of ['gitops', 'ignore']) {
    await using sandbox = await openSandbox({ state });
    await putRole(sandbox, 'viewers', {}, by('gitops'));
    assert.equal((await putRole(sandbox, 'viewers', { description: 'x' }, by(owner))).status, 204);
    assert.equal((await send(sandbox, 'PUT', `${path}/meta`, { body: { selfServe: true }, ...by(owner) })).status, 204);
    assert.equal((await getRole(sandbox, 'viewers')).resourceOwnership.objectOwner, 'gitops');
    assert.equal((await send(sandbox, 'DELETE', path, by(owner))).status, 204);
  }
});

test('unowned settings belong to the first owner that writes them', async () => {
  await using sandbox = await openSandbox({ state });
  await putRole(sandbox, 'viewers', {});
  assert.equal((await getRole(sandbox, 'viewers')).resourceOwnership, undefined);
  await send(sandbox, 'PUT', `${path}/meta`, { body: { selfServe: true }, ...by('gitops') });
  assert.deepEqual((await getRole(sandbox, 'viewers')).resourceOwnership, { metaOwner: 'gitops' });
});
