import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { call, recorded, unstamped } from './client.ts';

const state: StateInput = {
  domains: {
    'eks.users.ns1': {
      roles: {
        empty: [],
        exp: [
          { name: 'user.alice', expires: '2026-11-21T02:28:10Z' },
          { name: 'user.bob', expires: '2026-11-21T00:28:10Z' },
        ],
        delegated: { trust: 'eks.users.my-ns-2' },
        mixedrole: ['user.alice'],
      },
    },
  },
};

const exchanges: readonly (readonly [string, string])[] = [
  ['role/get-missing', '/domain/eks.users.ns1/role/nope'],
  ['role/get-missing-domain', '/domain/eks.users.nope/role/x'],
  ['role/get-no-members', '/domain/eks.users.ns1/role/empty'],
  ['role/get-expiration', '/domain/eks.users.ns1/role/exp'],
  ['role/get-trust-unexpanded', '/domain/eks.users.ns1/role/delegated'],
  ['role/get-uppercase', '/domain/eks.users.ns1/role/MIXEDROLE'],
  ['domain/get-domain-dev-admin-role', '/domain/eks.users.ns1/role/admin'],
  ['domain/get-domain-missing', '/domain/eks.users.nope'],
  ['jws/get-missing', '/domain/eks.users.nope/signed'],
  ['error/unknown-path-404', '/nosuch'],
  ['error/encoded-slash', '/domain/eks.users.ns1/role/a%2Fb'],
];

for (const [name, path] of exchanges) {
  test(`answers ${name} as recorded`, async () => {
    await using sandbox = await startSandbox({ state });
    const actual = await call(sandbox, path);
    const expected = recorded(name);
    assert.equal(actual.status, expected.status);
    assert.equal(unstamped(actual.body), unstamped(expected.body));
    for (const header of ['content-type', 'cache-control', 'etag']) {
      assert.equal(actual.headers[header], expected.headers[header], header);
    }
    assert.equal(actual.headers.date, undefined);
  });
}

test('answers GET /domain/D in the recorded form', async () => {
  await using sandbox = await startSandbox({ state });
  const { body } = await call(sandbox, '/domain/eks.users.ns1');
  const expected = recorded('domain/get-domain').body;
  assert.deepEqual(Object.keys(body), Object.keys(expected));
  assert.equal(body.name, expected.name);
  assert.match(body.id, /^[0-9a-f-]{36}$/);
});

test('refuses other methods with the body of the servlet container', async () => {
  await using sandbox = await startSandbox({ state });
  const { status, body, headers } = await call(sandbox, '/domain/eks.users.ns1/role/k8s_view', { method: 'POST' });
  const expected = recorded('error/method-405');
  assert.deepEqual([status, body, headers.allow], [405, expected.body, 'GET']);
});

test('knows no domain by the name of a property that every object has', async () => {
  await using sandbox = await startSandbox({ state });
  assert.equal((await call(sandbox, '/domain/constructor')).status, 404);
  assert.equal((await call(sandbox, '/domain/eks.users.ns1/role/constructor')).status, 404);
});

test('answers an undecodable path with 400, and one outside the API with 404', async () => {
  await using sandbox = await startSandbox({ state });
  assert.equal((await call(sandbox, '/domain/%ff')).status, 400);
  assert.equal(
    (await call({ ...sandbox, url: sandbox.url.replace('/zms/v1', '') }, '/domain/eks.users.ns1')).status,
    404,
  );
});
