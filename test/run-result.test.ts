import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { rbacWords } from '../src/generators/rbac/words/words.ts';
import { toRunResult } from '../src/report/result.ts';
import { openFixture } from './support/fixture.ts';
import { openGitHubFixture } from './support/github-fixture.ts';
import { busyPlan, reportOf } from './support/proposal.ts';
import type { RunResult } from './support/result.ts';
import { runResultSchema } from './support/run-result-schema.ts';

const published = new URL('../schemas/run-result.schema.json', import.meta.url);
const schema = JSON.parse(await readFile(published, 'utf8'));
const validate = new Ajv2020({ strict: true }).compile(schema);

/** Asserts that a result matches the published schema and has no unknown keys. */
function assertValid(out: string): void {
  const result: unknown = JSON.parse(out);
  assert.ok(validate(result), JSON.stringify(validate.errors));
  runResultSchema.parse(result);
}

test('plan, render and sync --json output matches the published schema', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  fixture.removeDomain('acme.eks.checkout');
  await fixture.commit({ 'output/prod/notes.txt': 'Mine.' });
  for (const args of [['plan'], ['sync', '--dry-run'], ['sync'], ['render']]) {
    const { out } = await fixture.run([...args, '--json']);
    assertValid(out);
    assert.ok(JSON.parse(out).plan.changes.length > 0, out);
  }
});

test('sync --json output with pull requests matches the published schema', async () => {
  await using fixture = await openGitHubFixture();
  for (let runs = 0; runs < 2; runs++) {
    const { out } = await fixture.expect(0, ['sync', '--json']);
    assertValid(out);
    assert.equal(JSON.parse(out).proposals[0].pull.number, 1);
  }
});

test('the schema accepts a full plan and rejects invalid results', () => {
  const result = toRunResult(reportOf([], { ...busyPlan(), exitCode: 4 })) as RunResult;
  const { plan } = result;
  assertValid(JSON.stringify(result));
  assert.ok(plan.held.length * plan.kept.length * plan.dropped.length * plan.expiring.length > 0);
  for (const [what, invalid] of [
    ['without a plan', { ...result, plan: undefined }],
    ['with another format', { ...result, format: 'athenz-gitops run 1' }],
    ['with a time that is a number', { ...result, asOf: 1 }],
    ['with an unknown kind of change', { ...result, plan: { ...plan, changes: [{ kind: 'none' }] } }],
    ['with an unknown action', { ...result, proposals: [{ generator: 'rbac', scope: 'a', branch: 'b', action: 'c' }] }],
  ] as const) {
    assert.equal(validate(JSON.parse(JSON.stringify(invalid))), false, what);
  }
});

test('a result tells of further generators without the texts of their files', () => {
  const problem = { code: 'CONFIG_INVALID', message: 'no such object' } as const;
  const report = reportOf([], { ...busyPlan(), failed: [{ generator: 'mirrors', problem }] });
  const [part] = report.generators;
  const copies = { ...part, generator: { name: 'copies', words: rbacWords } };
  const result = toRunResult({ ...report, generators: [part, copies] });
  assertValid(JSON.stringify(result));
  const [other, failed] = result.others ?? [];
  assert.deepEqual(failed, { generator: 'mirrors', problem });
  assert.equal(other?.generator, 'copies');
  assert.ok(part.plan.files.some(({ after }) => after !== undefined));
  assert.doesNotMatch(JSON.stringify(other), /"text"|"proofs"/);
});
