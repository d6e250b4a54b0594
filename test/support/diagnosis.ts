import assert from 'node:assert/strict';
import type { Finding } from '../../src/doctor/finding.ts';
import { pullLabels } from '../../src/model/pull.ts';
import type { Fixture } from './fixture.ts';
import { call } from './github/client.ts';
import { type GitHubFixture, type GitHubFixtureOptions, openGitHubFixture } from './github-fixture.ts';
import { assertHarmless } from './outside.ts';
import type { RunOptions } from './run.ts';

/** What `doctor` said. */
export interface Diagnosis {
  readonly code: number;
  readonly findings: readonly Finding[];
}

/** A finding that has to be there. */
export interface Expected {
  readonly check: string;
  readonly status: Finding['status'];
  readonly says: RegExp;
  readonly fix?: RegExp;
}

/** Runs `doctor --json`, and checks what holds for all it ever says. */
export async function diagnose(fixture: Pick<Fixture, 'run'>, options: RunOptions = {}): Promise<Diagnosis> {
  const { code, out, err } = await fixture.run(['doctor', '--json'], options);
  assertHarmless(out);
  assertHarmless(err);
  const { exitCode, findings } = JSON.parse(out) as {
    readonly exitCode: number;
    readonly findings: readonly Finding[];
  };
  assert.equal(exitCode, code);
  for (const finding of findings) {
    const wrong = finding.status === 'warning' || finding.status === 'error';
    assert.equal((finding.fix ?? '') !== '', wrong, `a fix for each that is wrong: ${JSON.stringify(finding)}`);
    assert.doesNotMatch(finding.message, /INTERNAL/);
  }
  const errors = findings.some(({ status }) => status === 'error');
  if (code !== 2) assert.equal(code, errors ? 1 : 0, 'warnings do not change the exit code');
  return { code, findings };
}

export function assertFinding(
  { findings }: Pick<Diagnosis, 'findings'> & Partial<Diagnosis>,
  { check, status, says, fix = /^/ }: Expected,
): void {
  const found = findings.some(
    (it) => it.check === check && it.status === status && says.test(it.message) && fix.test(it.fix ?? ''),
  );
  assert.ok(found, `${status} ${check} ${says} ${fix} is not in\n${JSON.stringify(findings, null, 2)}`);
}

/** A schedule as it should be. */
export const goodWorkflow = `
on:
  schedule: [{cron: "17 * * * *"}]
  workflow_dispatch:
permissions: {contents: read}
concurrency: {group: athenz-gitops, cancel-in-progress: false}
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {fetch-depth: 0}
      - run: npx --no-install athenz-gitops sync
        env: {GITHUB_APP_ID: "42"}
`;

const upToDate = { type: 'required_status_checks', strict: true, contexts: ['guard'] } as const;

/** A fixture that nothing is wrong with. */
export async function openHealthyFixture({ github, ...options }: GitHubFixtureOptions = {}): Promise<GitHubFixture> {
  const at = new Date().toISOString();
  const run = { workflow: 'sync.yml', status: 'completed', conclusion: 'success', at } as const;
  const fixture = await openGitHubFixture({
    cached: true,
    config: (text) => text.replace('files: [clusters/prod/*.yaml]', '$&\n      exclude: [labs]'),
    ...options,
    github: { workflowRuns: [run], rules: [upToDate], ...github },
  });
  await fixture.write({ '.github/workflows/sync.yml': goodWorkflow });
  for (const name of Object.values(pullLabels)) await call(fixture.github, 'POST', 'labels', { name });
  return fixture;
}
