import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { outputsOf } from '../src/report/outputs.ts';
import { workflows } from '../src/setup/workflow-answers.ts';
import { cacheFolder } from './cluster/server/cache.ts';
import { projectRoot } from './support/generated.ts';
import { assertGoldenSection } from './support/golden.ts';
import { reportOf } from './support/proposal.ts';
import {
  type Action,
  asWorkflow,
  brokenRules,
  brokenSteps,
  lint,
  unpinned,
  type Workflow,
  wrongCall,
} from './support/workflow.ts';

const folder = join(projectRoot, '.github', 'workflows');
const names = (await readdir(folder)).sort();
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
);
const templates = join(projectRoot, 'templates', 'workflows');
const callerNames = (await readdir(templates)).sort();
const callers = new Map(
  await Promise.all(callerNames.map(async (name) => [name, await readFile(join(templates, name), 'utf8')] as const)),
);
const actionText = await readFile(join(projectRoot, 'action.yml'), 'utf8');
const action = parse(actionText) as Action;

for (const [name, text] of texts) {
  test(`${name} passes the linter and the repository rules`, async () => {
    assert.deepEqual(await lint(`.github/workflows/${name}`, text), []);
    assert.deepEqual(brokenRules(text, action), []);
  });
}

for (const [name, text] of callers) {
  test(`the template ${name} passes the linter and the rules, and gives what the workflow it calls takes`, async () => {
    assert.deepEqual(await lint(`.github/workflows/${name}`, text), []);
    assert.deepEqual(brokenRules(text, action), []);
    const caller = parse(text) as Workflow;
    const called = Object.values(caller.jobs).map(
      ({ uses = '' }) => /workflows\/(.*)@VERSION$/.exec(uses)?.[1] ?? uses,
    );
    assert.ok(called.length > 0);
    for (const file of called) assert.deepEqual(wrongCall(caller, workflowOf(file), file), []);
  });
}

test('each template is one that init writes, and calls a workflow that only runs when it is called', () => {
  assert.deepEqual(
    callerNames,
    Object.keys(workflows)
      .map((name) => `${name}.yml`)
      .sort(),
  );
  for (const name of callerNames) assert.deepEqual(Object.keys(workflowOf(name).on), ['workflow_call']);
});

test('an unknown or missing input of a called workflow is found', () => {
  const call = { inputs: { a: { required: true }, b: {} }, secrets: { c: {} } };
  const job = { uses: 'o/r/.github/workflows/x.yml@v1', with: { d: 1 }, secrets: { e: '' } };
  assert.deepEqual(wrongCall({ on: {}, jobs: { job } }, { on: { workflow_call: call }, jobs: {} }, 'x.yml'), [
    'an unknown input: d',
    'a missing input: a',
    'an unknown secret: e',
  ]);
});

function workflowOf(name: string): Workflow {
  return parse(texts.get(name) ?? assert.fail(name)) as Workflow;
}

test('cluster.yml runs the cluster tests and caches the build by its sources', () => {
  const { jobs } = parse(texts.get('cluster.yml') ?? '') as Workflow;
  const steps = jobs['test']?.steps ?? [];
  const used = (name: string) => steps.find(({ uses }) => uses?.startsWith(`actions/${name}@`))?.with ?? {};
  assert.equal(steps.at(-1)?.run, 'npm run test:cluster');
  assert.equal(used('cache')['path'], cacheFolder({}).replace(homedir(), '~'));
  assert.match(String(used('cache')['key']), /hashFiles\('test\/cluster\/kubernetes\/\*\*'\)/);
  // Another Go version would miss the cache and rebuild everything.
  assert.equal(used('setup-go')['go-version-file'], 'test/cluster/kubernetes/go.mod');
});

test('release.yml writes only after all tests, and each job has what it needs and no more', () => {
  const { jobs } = parse(texts.get('release.yml') ?? '') as Workflow;
  const { check, ...others } = jobs;
  const runs = (check?.steps ?? []).flatMap((step) => step.run ?? []);
  for (const command of ['npm test', 'npm run test:chaos', 'npm run test:install']) assert.ok(runs.includes(command));
  assert.equal(check?.permissions, undefined);
  for (const [name, { needs = [], if: condition = '' }] of Object.entries(others)) {
    assert.ok(
      [needs].flat().some((it) => it in jobs),
      name,
    );
    // Such a condition would let it run although a job before it failed.
    assert.doesNotMatch(condition, /always|failure|cancelled/, name);
  }
  assert.deepEqual(
    Object.entries(others).map(([name, { permissions }]) => [name, ...Object.keys(permissions ?? {})]),
    [
      ['release', 'contents', 'id-token', 'attestations'],
      ['npm', 'contents', 'attestations', 'id-token'],
      ['image', 'contents', 'packages', 'id-token', 'attestations'],
      ['action', 'contents'],
    ],
  );
  // What runs scripts of packages is not what may write.
  for (const { steps } of Object.values(others))
    for (const { run = '' } of steps ?? []) assert.doesNotMatch(run, /npm (ci|install)(?!.*--ignore-scripts)/);
});

test('drift.yml fetches full history and never runs on pull requests', () => {
  const { on } = parse(callers.get('drift.yml') ?? '') as Workflow;
  assert.deepEqual(Object.keys(on), ['schedule', 'workflow_dispatch']);
  const { jobs } = workflowOf('drift.yml');
  const steps = jobs['drift']?.steps ?? [];
  assert.equal(steps[0]?.with?.['fetch-depth'], 0);
  assert.equal(steps.at(-1)?.with?.['command'], 'drift');
});

test('action.yml passes the linter and the repository rules', async () => {
  assert.equal(action.runs.using, 'composite');
  assert.deepEqual(await lint('.github/workflows/action.yml', asWorkflow(action)), []);
  assert.deepEqual([...brokenSteps(action.runs.steps, action), ...unpinned(actionText)], []);
  for (const step of action.runs.steps) assert.equal(step.run === undefined, step.shell === undefined);
  for (const [name, { description }] of Object.entries(action.inputs)) assert.ok(description, name);
});

test('docs/install.md lists the inputs of the action', async () => {
  const rows = Object.entries(action.inputs).map(([name, { description, default: value = '' }]) => {
    return `| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${description} |\n`;
  });
  await assertGoldenSection(
    'docs/install.md',
    'inputs',
    `\n| input | default | |\n| --- | --- | --- |\n${rows.join('')}\n`,
  );
});

test('action.yml exposes every output of the program', () => {
  const outputNames = Object.keys(outputsOf(reportOf()));
  assert.deepEqual(
    Object.entries(action.outputs).map(([name, { value }]) => [name, value]),
    outputNames.map((name) => [name, `\${{ steps.run.outputs.${name} }}`]),
  );
});

const sync = 'sync.yml';
const guard = 'guard.yml';
// Those of this repository, and not of templates/workflows.
const calledSync = 'here sync.yml';
const calledGuard = 'here guard.yml';
const calledDrift = 'here drift.yml';
const provision = 'provision.yml';
const release = 'here release.yml';
/** Changes that each break one rule. */
const violations: readonly (readonly [
  what: string,
  file: string,
  from: string | RegExp,
  to: string,
  message: RegExp,
])[] = [
  ['an unpinned action', calledSync, /actions\/cache@\w+ # .*/, 'actions/cache@v4', /not pinned/],
  ['a pin without a version comment', calledSync, / # v4\.3\.0/, '', /not pinned/],
  ['extra permissions', sync, 'contents: read', 'contents: write', /permissions/],
  [
    'job permissions',
    calledGuard,
    '    timeout-minutes',
    '    permissions: write-all\n    timeout-minutes',
    /permissions/,
  ],
  ['a permission that no release needs', release, 'packages: write', 'issues: write', /image: permissions/],
  [
    'all permissions in a release',
    release,
    /permissions:\n {6}contents: write # moves.*/,
    'permissions: write-all',
    /action/,
  ],
  ['a release that a branch starts', release, 'tags: ["v*.*.*"]', 'branches: [main]', /permissions/],
  ['a release in a fork', release, / {4}if: github\.event\.repository.*\n/, '', /check: runs in a fork/],
  ['missing permissions', guard, /permissions:\n {2}contents: read\n/, '', /permissions/],
  ['a missing timeout', calledSync, /timeout-minutes: \d+/, 'strategy: {}', /timeout/],
  ['persisted checkout credentials', calledGuard, 'persist-credentials: false', 'submodules: false', /credentials/],
  ['an expression in a script', calledGuard, '"$HEAD"', `"\${{ github.event.pull_request.head.sha }}"`, /expression/],
  ['a schedule on the full hour', sync, '17,47', '0,30', /full hour/],
  ['a schedule every five minutes', sync, '17,47', '*/5', /full hour/],
  ['cancelled runs', sync, 'cancel-in-progress: false', 'cancel-in-progress: true', /cancelled/],
  ['an unknown input', calledSync, 'athenz-cert:', 'athenz-crt:', /athenz-crt/],
  ['a secret on a pull request', provision, 'offline: true', `update: \${{ secrets.TOKEN }}`, /show: secrets/],
  [
    'secrets on every event',
    provision,
    "if: github.event_name != 'pull_request'",
    'if: always()',
    /provision: secrets on a pull request/,
  ],
  ['a secret in the guard', guard, 'config: a', `config: \${{ secrets.TOKEN }} a`, /secrets/],
  ['a secret in the called guard', calledGuard, 'token: ""', `token: \${{ secrets.TOKEN }}`, /secrets/],
  ['a called workflow that runs here too', calledDrift, 'on:', 'on:\n  push:', /also runs here/],
  ['a group that waits for itself', calledDrift, 'jobs:', 'concurrency: {group: a}\njobs:', /concurrency group/],
  ['a checkout of a ref other than the base', calledGuard, /ref: \$\{\{ .*base\.sha \}\}/, 'ref: main', /base/],
  ['a program that may be the caller', calledSync, '!job.workflow_sha', 'false', /unknown repository/],
  ['a checkout of what a merge queue made', calledGuard, 'merge_group.base_sha', 'merge_group.head_sha', /base/],
];
for (const [what, file, from, to, message] of violations) {
  test(`the rules reject ${what}`, () => {
    const text = (file.startsWith('here ') ? texts.get(file.slice(5)) : callers.get(file)) ?? assert.fail(file);
    const changed = text.replace(from, () => to);
    assert.notEqual(changed, text);
    assert.match(brokenRules(changed, action).join('\n'), message);
  });
}

/** Mistakes that only the linter has to find. */
const mistakes: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
  ['an unknown key', 'runs-on', 'runs-om'],
  ['an unknown context', 'secrets.ATHENZ_KEY', 'secret.ATHENZ_KEY'],
  ['an output of an unknown step', 'steps.day.outputs', 'steps.dey.outputs'],
  ['an unknown input', 'inputs.app-id', 'inputs.app'],
];
for (const [what, from, to] of mistakes) {
  test(`the linter finds ${what}`, async () => {
    const text = texts.get(sync) ?? '';
    assert.notDeepEqual(await lint('.github/workflows/sync.yml', text.replace(from, to)), []);
  });
}

test('the linter finds an undeclared input of the action', async () => {
  const { token: _, ...inputs } = action.inputs;
  assert.match((await lint('a.yml', asWorkflow({ ...action, inputs }))).join('\n'), /property "token" is not defined/);
});

for (const [what, from, to] of [
  ['an invalid schedule', '17,47 * * * *', '17,47 * * *'],
  ['an unknown permission', 'contents: read', 'content: read'],
] as const) {
  test(`the linter finds ${what} in a template`, async () => {
    const text = callers.get(sync) ?? '';
    assert.notDeepEqual(await lint('.github/workflows/sync.yml', text.replace(from, to)), []);
  });
}
