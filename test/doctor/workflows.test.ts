import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '../../src/doctor/finding.ts';
import { checkWorkflows } from '../../src/doctor/workflows.ts';
import { openClient } from '../../src/propose/github/client.ts';
import { assertFinding, diagnose, type Expected, goodWorkflow, openHealthyFixture } from '../support/diagnosis.ts';
import { memoryTree } from '../support/file-tree.ts';
import { clockAhead } from '../support/fixture.ts';
import { projectRoot } from '../support/generated.ts';
import { everyToken, type GitHubOptions } from '../support/github/options.ts';
import { startGitHub } from '../support/github/stand-in.ts';

const hour = 3_600_000;
const template = await readFile(join(projectRoot, 'templates/workflows/sync.yml'), 'utf8');
const file = '.github/workflows/sync.yml';
const workflow = (says: RegExp, fix: RegExp, status: Expected['status'] = 'warning'): Expected => ({
  check: 'workflow',
  status,
  says,
  fix,
});

/** Changes to a valid workflow, and the expected finding. */
const cases: readonly (readonly [name: string, change: (text: string) => string, expected: Expected])[] = [
  ['no changes', (text) => text, workflow(/^sync\.yml: 17 \* \* \* \*; one run at a time/, /^$/, 'ok')],
  [
    'no schedule',
    (text) => text.replace('schedule: [{cron: "17 * * * *"}]', 'push: {}'),
    workflow(/no schedule$/, /cron: "17/),
  ],
  [
    'an invalid cron',
    (text) => text.replace('17 *', '77 *'),
    workflow(/"77 .* is not a schedule/, /five fields/, 'error'),
  ],
  ['a start on the hour', (text) => text.replace('17 *', '0 *'), workflow(/"0 .* on the hour/, /another minute/)],
  [
    'a start on the hour among others',
    (text) => text.replace('17 *', '*/20 *'),
    workflow(/"\*\/20 .* on the hour/, /another minute/),
  ],
  [
    'no concurrency',
    (text) => text.replace(/concurrency: .*\n/, ''),
    workflow(/runs may overlap/, /cancel-in-progress: false/),
  ],
  [
    'concurrency that cancels',
    (text) => text.replace('progress: false', 'progress: true'),
    workflow(/cancels/, /cancel-in-progress: false/),
  ],
  [
    'concurrency by name',
    (text) => text.replace(/concurrency: .*/, 'concurrency: sync'),
    workflow(/one run at a time/, /^$/, 'ok'),
  ],
  [
    'job concurrency',
    (text) => text.replace(/concurrency: .*\n/, '').replace('    steps', '    concurrency: sync\n    steps'),
    workflow(/one run at a time/, /^$/, 'ok'),
  ],
  [
    'no permissions',
    (text) => text.replace(/permissions: .*\n/, ''),
    workflow(/default permissions of the repository/, /permissions: \{contents: read\}/),
  ],
  [
    'all permissions',
    (text) => text.replace(/permissions: .*/, 'permissions: write-all'),
    workflow(/has all permissions/, /permissions: \{contents: read\}/),
  ],
  [
    "the workflow's own token",
    (text) => text.replace('GITHUB_APP_ID: "42"', 'GITHUB_TOKEN: "$' + '{{ secrets.GITHUB_TOKEN }}"'),
    workflow(/workflow token, which starts no checks/, /GitHub App/),
  ],
  [
    "the workflow's own token without permission to write",
    (text) => text.replace('GITHUB_APP_ID: "42"', 'GITHUB_TOKEN: "$' + '{{ github.token }}"'),
    workflow(/no write access to contents, pull-requests/, /contents: write, pull-requests: write/),
  ],
  [
    'the action',
    (text) => text.replace('run: npx --no-install athenz-gitops sync', 'uses: acme/athenz-gitops@0123abc'),
    workflow(/one run at a time/, /^$/, 'ok'),
  ],
  [
    'another command',
    (text) => text.replace('athenz-gitops sync', 'athenz-gitops render --check'),
    workflow(/^no workflow in \.github\/workflows runs/, /scheduled workflow/),
  ],
  [
    'what init writes for an App',
    () => template,
    workflow(/^sync\.yml: 17,47 \* \* \* \*; one run at a time/, /^$/, 'ok'),
  ],
  [
    'what init writes for a token, without its permissions',
    () => template.replace(/ +app-id: .*\n/, ''),
    workflow(/no write access to contents, pull-requests/, /contents: write, pull-requests: write/),
  ],
  [
    'a call of another workflow',
    () => template.replace('/sync.yml@', '/drift.yml@'),
    workflow(/^no workflow in \.github\/workflows runs/, /scheduled workflow/),
  ],
  ['invalid YAML', (text) => `${text}\n  - [`, workflow(/^sync\.yml: /, /correct the YAML/)],
  ['YAML that is not a workflow', () => '# athenz-gitops sync\n[1]', workflow(/^no workflow in/, /scheduled workflow/)],
];

for (const [name, change, expected] of cases) {
  test(`checks a workflow with ${name}: ${expected.status}`, async () => {
    const findings = await check(change(goodWorkflow));
    assertFinding({ findings }, expected);
    const found = findings.filter(({ check: it }) => it === 'workflow');
    if (expected.status === 'ok') assert.equal(found.length, 1, JSON.stringify(found));
  });
}

const fix = /gh workflow run .*60 days without commits/;
const says = /^sync\.yml: \d{4}-\d\d-\d\d \d\d:\d\d UTC/;
const lastSuccesses: readonly (readonly [name: string, hours: number, cron: string, status: Expected['status']])[] = [
  ['2 hours ago, hourly', 2, '17 * * * *', 'ok'],
  ['4 hours ago, hourly', 4, '17 * * * *', 'warning'],
  ['4 hours ago, daily', 4, '17 3 * * *', 'ok'],
  ['4 days ago, daily', 96, '17 3 * * *', 'warning'],
  ['4 days ago, on weekdays', 96, '17 3 * * 1-5', 'ok'],
];
for (const [name, hours, cron, status] of lastSuccesses) {
  test(`a last success ${name}: ${status}`, async () => {
    const run = { workflow: 'sync.yml', status: 'completed', conclusion: 'success' } as const;
    const at = (ago: number) => new Date(Date.now() - ago * hour).toISOString();
    const failure = { ...run, conclusion: 'failure', at: at(0.1) } as const;
    const findings = await checkRuns(
      [{ ...run, at: at(hours + 500) }, failure, { ...run, at: at(hours) }],
      goodWorkflow.replace('17 * * * *', cron),
    );
    const expected = { check: 'last success', status, says };
    assertFinding({ findings }, status === 'ok' ? expected : { ...expected, fix });
  });
}

test('no last success: warning', async () => {
  const at = new Date().toISOString();
  const failure = { workflow: 'sync.yml', status: 'completed', conclusion: 'failure', at } as const;
  const expected = { check: 'last success', status: 'warning' } as const;
  assertFinding({ findings: await checkRuns([failure]) }, { ...expected, says: /never succeeded/, fix });
  assertFinding(
    { findings: await checkRuns([]) },
    { ...expected, says: /no such workflow/, fix: /default branch.*actions: read/ },
  );
});

test('the age of the last success is by the clock of the machine', async () => {
  await using fixture = await openHealthyFixture();
  const clock = clockAhead(4 * hour);
  assertFinding(await diagnose(fixture, { clock }), { check: 'last success', status: 'warning', says, fix });
});

/** What is found in a work tree with one workflow, without access to GitHub. */
function check(text: string): Promise<readonly Finding[]> {
  return checkWorkflows({ io: { clock: clockAhead(0) }, tree: memoryTree({ [file]: text }) }, undefined);
}

/** What is found where GitHub knows of these runs. */
async function checkRuns(
  workflowRuns: NonNullable<GitHubOptions['workflowRuns']>,
  text = goodWorkflow,
): Promise<readonly Finding[]> {
  await using github = await startGitHub({ workflowRuns });
  const forge = { apiUrl: github.apiUrl, caPath: null, repository: 'acme/gitops' };
  const client = await openClient({ forge, env: { GITHUB_TOKEN: everyToken }, warn: () => {} });
  return await checkWorkflows({ io: { clock: clockAhead(0) }, tree: memoryTree({ [file]: text }) }, client);
}
