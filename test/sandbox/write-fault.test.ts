import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';
import { documentOf, getRole, putRole, state } from './writing.ts';

/** Sends a write that meets a fault; a `hang` is not awaited, as only the sandbox ends it. */
async function attempt(sandbox: Sandbox, fault: Fault): Promise<void> {
  const intercepted = new Promise<void>((resolve) => {
    sandbox.intercept(() => {
      resolve();
      return fault;
    });
  });
  const sent = putRole(sandbox, 'viewers', {}).catch(() => undefined);
  await intercepted;
  if (fault.kind !== 'hang') await sent;
  sandbox.intercept(undefined);
}

const lost: readonly Fault[] = [
  { kind: 'status', status: 503, body: '{}', contentType: 'application/json' },
  { kind: 'hang' },
  { kind: 'reset' },
];
for (const fault of lost) {
  test(`${fault.kind}: a write is applied only if carriedOut is set`, async () => {
    for (const carriedOut of [false, true]) {
      await using sandbox = await openSandbox({ state });
      await attempt(sandbox, { ...fault, carriedOut } as Fault);
      assert.equal('viewers' in (sandbox.state().domains['acme.eks.shop']?.roles ?? {}), carriedOut);
    }
  });
}

for (const kind of ['reset-mid-body', 'truncate'] as const) {
  test(`${kind}: a write with a partial response is applied`, async () => {
    await using sandbox = await openSandbox({ state });
    await attempt(sandbox, { kind });
    assert.equal((await getRole(sandbox, 'viewers')).name, 'acme.eks.shop:role.viewers');
  });
}

test('replica: a role read lags behind the signed document', async () => {
  await using sandbox = await openSandbox({ state });
  sandbox.intercept(({ method, path }) =>
    method === 'GET' && path.includes('/role/') ? { kind: 'replica' } : undefined,
  );
  await putRole(sandbox, 'viewers', {});
  assert.equal((await call(sandbox, '/domain/acme.eks.shop/role/viewers')).status, 404);
  assert.equal((await documentOf(sandbox, 'acme.eks.shop')).roles.length, 2);
  await putRole(sandbox, 'editors', {});
  assert.equal((await call(sandbox, '/domain/acme.eks.shop/role/viewers')).status, 200);
});

test('replica: a signed document lags behind the list, and writes still succeed', async () => {
  await using sandbox = await openSandbox({ state });
  const before = (await documentOf(sandbox, 'acme.eks.shop')).modified;
  sandbox.intercept(({ path }) => (path.endsWith('modified_domains') ? undefined : { kind: 'replica' }));
  assert.equal((await putRole(sandbox, 'viewers', {})).status, 204);
  const { etag } = (await call(sandbox, '/sys/modified_domains?metaonly=true')).headers;
  const { modified } = await documentOf(sandbox, 'acme.eks.shop');
  assert.equal(modified, before);
  assert.notEqual(`"${modified}"`, etag);
});
