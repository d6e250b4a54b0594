import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { busyDrift } from './support/drift-result.ts';
import { driftSchema } from './support/drift-schema.ts';
import { editAdmins, later, openKubeFixture } from './support/kube-fixture.ts';

const published = new URL('../schemas/drift-result.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(published, 'utf8')));

/** Asserts that a result matches the published schema and has no unknown keys. */
function assertValid(result: unknown): void {
  assert.ok(validate(result), JSON.stringify(validate.errors));
  driftSchema.parse(result);
}

test('drift --json output matches the published schema', async () => {
  await using fixture = await openKubeFixture();
  assertValid(await fixture.drift(0));
  editAdmins(fixture, 'user.eve');
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.zoe']);
  fixture.kube.remove('Namespace', undefined, 'reports');
  const result = await fixture.drift(5, later, '--probe', '5');
  assert.ok(result.bindings.length >= 5);
  assertValid(result);
});

test('the schema accepts a full result and rejects invalid ones', () => {
  const toJson = (result: object): unknown => JSON.parse(JSON.stringify(result));
  const result = busyDrift();
  assert.equal(new Set(result.bindings.flatMap(({ states }) => states)).size, 6, 'every state');
  assertValid(toJson(result));
  const [binding] = result.bindings;
  for (const [what, invalid] of [
    ['without bindings', { ...result, bindings: undefined }],
    ['with another format', { ...result, format: 'athenz-gitops run 1' }],
    ['with an unknown state', { ...result, bindings: [{ ...binding, states: ['gone'] }] }],
    [
      'with an invalid live value',
      { ...result, bindings: [{ ...binding, subjects: [{ ...binding?.subjects[0], live: 'yes' }] }] },
    ],
    ['with an unread entry without a problem', { ...result, unread: [{ cluster: 'prod' }] }],
    ['with a probe that is a number', { ...result, probe: 12 }],
  ] as const) {
    assert.equal(validate(toJson(invalid)), false, what);
  }
});
