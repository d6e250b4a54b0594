import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { busyDrift } from './support/drift-result.ts';
import { driftSchema } from './support/drift-schema.ts';
import { editAdmins, later, openKubeFixture } from './support/kube-fixture.ts';

const published = new URL('../schemas/drift-result.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(published, 'utf8')));

/** Whether a printed result is what the published schema says, and holds nothing that it does not know. */
function assertFits(result: unknown): void {
  assert.ok(validate(result), JSON.stringify(validate.errors));
  driftSchema.parse(result);
}

test('what drift prints with --json fits the published schema', async () => {
  await using fixture = await openKubeFixture();
  assertFits(await fixture.drift(0));
  editAdmins(fixture, 'user.eve');
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.zoe']);
  fixture.kube.remove('Namespace', undefined, 'reports');
  const result = await fixture.drift(5, later, '--probe', '5');
  assert.ok(result.bindings.length >= 5);
  assertFits(result);
});

test('a result with something of everything fits, and one that is wrong anywhere does not', () => {
  const asPrinted = (result: object): unknown => JSON.parse(JSON.stringify(result));
  const result = busyDrift();
  assert.equal(new Set(result.bindings.flatMap(({ states }) => states)).size, 6, 'every state');
  assertFits(asPrinted(result));
  const [binding] = result.bindings;
  for (const [what, wrong] of [
    ['without its bindings', { ...result, bindings: undefined }],
    ['of another format', { ...result, format: 'athenz-gitops run 1' }],
    ['with a state of no kind', { ...result, bindings: [{ ...binding, states: ['gone'] }] }],
    [
      'with a place that is neither known nor unknown',
      { ...result, bindings: [{ ...binding, subjects: [{ ...binding?.subjects[0], live: 'yes' }] }] },
    ],
    ['with a problem without a reason', { ...result, unread: [{ cluster: 'prod' }] }],
    ['with a probe that is a number', { ...result, probe: 12 }],
  ] as const) {
    assert.equal(validate(asPrinted(wrong)), false, what);
  }
});
