import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority } from '../../src/sandbox/authority.ts';
import { comparable } from './comparable.ts';
import { readExchange, resend, sandboxAfter } from './exchange.ts';
import { metaPreparations } from './meta-preparations.ts';

// One after the other, as a sandbox has them, two writes never meet: a fault gives the loser's recorded answer.
test('answers meta/role-race-2 as recorded, and the role is there', async () => {
  const loser = readExchange('meta/role-race-2');
  const { steps = [] } = metaPreparations['meta/role-race-0'] ?? {};
  await using sandbox = await sandboxAfter(steps, await createAuthority());
  const { status, headers, body } = loser.response;
  const contentType = String(headers['Content-Type']);
  sandbox.intercept(({ method }) =>
    method === 'PUT'
      ? { kind: 'status', status, body: JSON.stringify(body), contentType, carriedOut: true }
      : undefined,
  );
  const reply = await resend(sandbox, loser);
  assert.deepEqual(comparable(reply), comparable(loser.response));
  assert.ok('race' in (sandbox.state().domains['recs.a']?.roles ?? {}));
});
