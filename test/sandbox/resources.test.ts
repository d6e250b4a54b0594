import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notAcceptable } from '../../src/sandbox/answer.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { call } from './client.ts';

const state = { domains: { 'eks.users.ns1': { roles: { empty: [] } } } };

test('names the methods that it takes, without a body where ZMS has none', async () => {
  await using sandbox = await startSandbox({ state });
  for (const method of ['POST', 'PUT']) {
    const { status, headers, text } = await call(sandbox, '/domain/eks.users.ns1/signed', { method });
    assert.deepEqual([status, headers.allow, text === ''], [405, 'GET,OPTIONS', method === 'PUT']);
  }
});

test('sends no Date, from which a client could take the time', async () => {
  await using sandbox = await startSandbox({ state });
  for (const path of ['/domain/eks.users.ns1', '/nosuch']) {
    assert.equal((await call(sandbox, path)).headers.date, undefined);
  }
});

const accepted: readonly (readonly [accept: string, status: number])[] = [
  ['Application/JSON;q=0.5', 200],
  ['text/html, application/*', 200],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 200],
  ['application/xml', 406],
  ['application/json-seq', 406],
];
for (const [accept, status] of accepted) {
  test(`answers ${status} to a client that accepts ${accept}`, async () => {
    await using sandbox = await startSandbox({ state });
    assert.equal((await call(sandbox, '/domain/eks.users.ns1', { headers: { accept } })).status, status);
  });
}

test('puts the path into the page of a 406 as text', () => {
  assert.match(notAcceptable('/zms/v1/domain/<b>&amp;').body, /<td>\/zms\/v1\/domain\/&lt;b>&amp;amp;<\/td>/);
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
