import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ProvisionResult } from '../src/model/provision.ts';
import { openProvisionFixture } from './support/provision-fixture.ts';
import { appliedOf, busyProvisionPlan, resultOf } from './support/provision-result.ts';
import { provisionSchema } from './support/provision-schema.ts';

const published = new URL('../schemas/provision-result.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(published, 'utf8')));

/** Whether a printed result is what the published schema says, and holds nothing that it does not know. */
function assertFits(result: unknown): void {
  assert.ok(validate(result), JSON.stringify(validate.errors));
  provisionSchema.parse(result);
}

test('what provision prints with --json fits the published schema', async () => {
  await using fixture = await openProvisionFixture();
  for (const args of [[], ['--offline'], ['--apply'], ['--update', '--prune']]) {
    const { out } = await fixture.expect(0, ['provision', '--json', ...args]);
    assertFits(JSON.parse(out));
  }
});

test('a result with something of everything fits, and one that is wrong anywhere does not', () => {
  const problem = { code: 'ZMS_QUOTA', message: 'm', next: 'n' } as const;
  const plan = busyProvisionPlan();
  const asPrinted = (result: object): unknown => JSON.parse(JSON.stringify(result));
  const result: ProvisionResult = appliedOf(plan, ({ kind }) => {
    return kind === 'create-role' ? { kind: 'failed', problem } : { kind: 'done' };
  });
  assert.equal(
    new Set(plan.domains.flatMap(({ steps }) => steps.map(({ kind }) => kind))).size,
    7,
    'steps of every kind',
  );
  assertFits(asPrinted(result));
  assertFits(asPrinted(resultOf(plan)));
  const [domain] = plan.domains;
  for (const [what, wrong] of [
    ['without its plan', { ...result, plan: undefined }],
    ['of another format', { ...result, format: 'athenz-gitops run 1' }],
    ['of no mode', { ...result, mode: 'dry-run' }],
    ['with a step of no kind', { ...result, plan: { ...plan, domains: [{ ...domain, steps: [{ kind: 'put' }] }] } }],
    ['with a failure without a reason', { ...result, steps: [{ ...result.steps[0], outcome: { kind: 'failed' } }] }],
    ['with a quota that is a text', { ...result, room: [{ top: 'a', limit: '1', used: 1, wanted: 1 }] }],
  ] as const) {
    assert.equal(validate(asPrinted(wrong)), false, what);
  }
});
