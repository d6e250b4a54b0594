import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ProvisionResult } from '../src/provision/result.ts';
import { openProvisionFixture } from './support/provision-fixture.ts';
import { appliedOf, busyProvisionPlan, resultOf } from './support/provision-result.ts';
import { provisionSchema } from './support/provision-schema.ts';

const published = new URL('../schemas/provision-result.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(published, 'utf8')));

/** Asserts that a result matches the published schema and has no unknown keys. */
function assertValid(result: unknown): void {
  assert.ok(validate(result), JSON.stringify(validate.errors));
  provisionSchema.parse(result);
}

test('provision --json output matches the published schema', async () => {
  await using fixture = await openProvisionFixture();
  for (const args of [[], ['--offline'], ['--apply'], ['--update', '--prune']]) {
    const { out } = await fixture.expect(0, ['provision', '--json', ...args]);
    assertValid(JSON.parse(out));
  }
});

test('the schema accepts a full result and rejects invalid ones', () => {
  const problem = { code: 'ZMS_QUOTA', message: 'm', next: 'n' } as const;
  const plan = busyProvisionPlan();
  const toJson = (result: object): unknown => JSON.parse(JSON.stringify(result));
  const result: ProvisionResult = appliedOf(plan, ({ kind }) => {
    return kind === 'create-role' ? { kind: 'failed', problem } : { kind: 'done' };
  });
  assert.equal(
    new Set(plan.domains.flatMap(({ steps }) => steps.map(({ kind }) => kind))).size,
    7,
    'every kind of step',
  );
  assertValid(toJson(result));
  assertValid(toJson(resultOf(plan)));
  const [domain] = plan.domains;
  for (const [what, invalid] of [
    ['without a plan', { ...result, plan: undefined }],
    ['with another format', { ...result, format: 'athenz-gitops run 1' }],
    ['with an unknown mode', { ...result, mode: 'dry-run' }],
    [
      'with an unknown kind of step',
      { ...result, plan: { ...plan, domains: [{ ...domain, steps: [{ kind: 'put' }] }] } },
    ],
    ['with a failure without a problem', { ...result, steps: [{ ...result.steps[0], outcome: { kind: 'failed' } }] }],
    ['with a string as a quota limit', { ...result, room: [{ top: 'a', limit: '1', used: 1, wanted: 1 }] }],
  ] as const) {
    assert.equal(validate(toJson(invalid)), false, what);
  }
});
