import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFinding, diagnose, type Expected, goodWorkflow, openHealthyFixture } from '../../support/diagnosis.ts';
import { clockAhead } from '../../support/fixture.ts';

const hour = 3_600_000;
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
    workflow(/"77 .* is no schedule/, /five fields/, 'error'),
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
    workflow(/two runs/, /cancel-in-progress: false/),
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
    workflow(/settings of the repository/, /permissions: \{contents: read\}/),
  ],
  [
    'all permissions',
    (text) => text.replace(/permissions: .*/, 'permissions: write-all'),
    workflow(/may do everything/, /permissions: \{contents: read\}/),
  ],
  [
    "the workflow's own token",
    (text) => text.replace('GITHUB_APP_ID: "42"', 'GITHUB_TOKEN: "$' + '{{ secrets.GITHUB_TOKEN }}"'),
    workflow(/GitHub starts no checks/, /GitHub App/),
  ],
  [
    "the workflow's own token without permission to write",
    (text) => text.replace('GITHUB_APP_ID: "42"', 'GITHUB_TOKEN: "$' + '{{ github.token }}"'),
    workflow(/may not write contents, pull-requests/, /contents: write, pull-requests: write/),
  ],
  [
    'the action',
    (text) => text.replace('run: npx --no-install athenz-gitops sync', 'uses: acme/athenz-gitops@0123abc'),
    workflow(/one run at a time/, /^$/, 'ok'),
  ],
  [
    'another command',
    (text) => text.replace('athenz-gitops sync', 'athenz-gitops render --check'),
    workflow(/^nothing in \.github\/workflows runs/, /schedule it/),
  ],
  ['invalid YAML', (text) => `${text}\n  - [`, workflow(/^sync\.yml: /, /correct the YAML/)],
  ['YAML that is not a workflow', () => '# athenz-gitops sync\n[1]', workflow(/^nothing in/, /schedule it/)],
];

test('checks the workflow', async (t) => {
  await using fixture = await openHealthyFixture();
  for (const [name, change, expected] of cases) {
    await t.test(`with ${name}: ${expected.status}`, async () => {
      const text = change(goodWorkflow);
      await fixture.write({ [file]: text });
      const diagnosis = await diagnose(fixture);
      assertFinding(diagnosis, expected);
      if (expected.status === 'ok') {
        const found = diagnosis.findings.filter(({ check }) => check === 'workflow');
        assert.equal(found.length, 1, JSON.stringify(found));
      }
    });
  }
});

test('checks the last success', async (t) => {
  const fix = /gh workflow run .*60 days without commits/;
  const says = /^sync\.yml: \d{4}-\d\d-\d\d \d\d:\d\d UTC/;
  const checks: readonly (readonly [name: string, hours: number, cron: string, status: Expected['status']])[] = [
    ['2 hours ago, hourly', 2, '17 * * * *', 'ok'],
    ['4 hours ago, hourly', 4, '17 * * * *', 'warning'],
    ['4 hours ago, daily', 4, '17 3 * * *', 'ok'],
    ['4 days ago, daily', 96, '17 3 * * *', 'warning'],
    ['4 days ago, on weekdays', 96, '17 3 * * 1-5', 'ok'],
  ];
  for (const [name, hours, cron, status] of checks) {
    await t.test(`${name}: ${status}`, async () => {
      const run = { workflow: 'sync.yml', status: 'completed', conclusion: 'success' } as const;
      const at = (ago: number) => new Date(Date.now() - ago * hour).toISOString();
      const failure = { ...run, conclusion: 'failure', at: at(0.1) } as const;
      const workflowRuns = [{ ...run, at: at(hours + 500) }, failure, { ...run, at: at(hours) }];
      await using fixture = await openHealthyFixture({ github: { workflowRuns } });
      await fixture.write({ [file]: goodWorkflow.replace('17 * * * *', cron) });
      const expected = { check: 'last success', status, says };
      assertFinding(await diagnose(fixture), status === 'ok' ? expected : { ...expected, fix });
    });
  }
  await t.test('never: warning', async () => {
    const at = new Date().toISOString();
    const failure = { workflow: 'sync.yml', status: 'completed', conclusion: 'failure', at } as const;
    await using failing = await openHealthyFixture({ github: { workflowRuns: [failure] } });
    const expected = { check: 'last success', status: 'warning' } as const;
    assertFinding(await diagnose(failing), { ...expected, says: /never succeeded/, fix });
    await using unknown = await openHealthyFixture({ github: { workflowRuns: [] } });
    assertFinding(await diagnose(unknown), {
      ...expected,
      says: /no such workflow/,
      fix: /default branch.*actions: read/,
    });
  });
  await t.test('uses the clock of the machine', async () => {
    await using fixture = await openHealthyFixture();
    const clock = clockAhead(4 * hour);
    assertFinding(await diagnose(fixture, { clock }), { check: 'last success', status: 'warning', says, fix });
  });
});
