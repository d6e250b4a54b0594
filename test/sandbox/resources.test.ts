import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notAcceptable } from '../../src/sandbox/answer.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';

const state = { domains: { 'eks.users.ns1': { roles: { empty: [] } } } };

test('returns 405 with the allowed methods, and a body for POST only', async () => {
  await using sandbox = await openSandbox({ state });
  for (const method of ['POST', 'PUT']) {
    const { status, headers, text } = await call(sandbox, '/domain/eks.users.ns1/signed', { method });
    assert.deepEqual([status, headers.allow, text === ''], [405, 'GET,OPTIONS', method === 'PUT']);
  }
});

test('sends no Date header', async () => {
  await using sandbox = await openSandbox({ state });
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
  test(`returns ${status} for Accept: ${accept}`, async () => {
    await using sandbox = await openSandbox({ state });
    assert.equal((await call(sandbox, '/domain/eks.users.ns1', { headers: { accept } })).status, status);
  });
}

test('escapes the path in the 406 page', () => {
  assert.match(notAcceptable('/zms/v1/domain/<b>&amp;').body, /<td>\/zms\/v1\/domain\/&lt;b>&amp;amp;<\/td>/);
});

test('finds no domain or role named like an object property', async () => {
  await using sandbox = await openSandbox({ state });
  assert.equal((await call(sandbox, '/domain/constructor')).status, 404);
  assert.equal((await call(sandbox, '/domain/eks.users.ns1/role/constructor')).status, 404);
});

test('returns 400 for an undecodable path and 404 outside the API', async () => {
  await using sandbox = await openSandbox({ state });
  assert.equal((await call(sandbox, '/domain/%ff')).status, 400);
  assert.equal(
    (await call({ ...sandbox, url: sandbox.url.replace('/zms/v1', '') }, '/domain/eks.users.ns1')).status,
    404,
  );
});
