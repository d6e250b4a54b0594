import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { outputsOf } from '../src/report/outputs.ts';
import { cacheFolder } from './cluster/server/cache.ts';
import { projectRoot } from './support/generated.ts';
import { resultOf } from './support/proposal.ts';
import {
  type Action,
  asWorkflow,
  brokenRules,
  brokenSteps,
  lint,
  unpinned,
  type Workflow,
} from './support/workflow.ts';

const folder = join(projectRoot, '.github', 'workflows');
const names = (await readdir(folder)).sort();
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
);
const actionText = await readFile(join(projectRoot, 'action.yml'), 'utf8');
const action = parse(actionText) as Action;

for (const [name, text] of texts) {
  test(`${name} is a workflow that GitHub understands, and keeps the rules of this repository`, async () => {
    assert.deepEqual(await lint(`.github/workflows/${name}`, text), []);
    assert.deepEqual(brokenRules(text, action), []);
  });
}

test('the workflows that are to be copied are there', () => {
  for (const name of ['sync.yml', 'output-guard.yml', 'provision.yml', 'drift.yml']) assert.ok(texts.has(name));
});

test('cluster.yml tests on a cluster, and keeps what it builds for as long as that is built from the same', () => {
  const { jobs } = parse(texts.get('cluster.yml') ?? '') as Workflow;
  const steps = jobs['test']?.steps ?? [];
  const used = (name: string) => steps.find(({ uses }) => uses?.startsWith(`actions/${name}@`))?.with ?? {};
  assert.equal(steps.at(-1)?.run, 'npm run test:cluster');
  assert.equal(used('cache')['path'], cacheFolder({}).replace(homedir(), '~'));
  assert.match(String(used('cache')['key']), /hashFiles\('test\/cluster\/kubernetes\/\*\*'\)/);
  // Another Go would build all of it anew, under another name.
  assert.equal(used('setup-go')['go-version-file'], 'test/cluster/kubernetes/go.mod');
});

test('drift.yml compares with the whole history, and runs on no pull request, as it has a kubeconfig', () => {
  const text = texts.get('drift.yml') ?? '';
  const { jobs, on } = parse(text) as Workflow & { readonly on: object };
  assert.deepEqual(Object.keys(on), ['schedule', 'workflow_dispatch']);
  const steps = jobs['drift']?.steps ?? [];
  assert.equal(steps[0]?.with?.['fetch-depth'], 0);
  assert.equal(steps.at(-1)?.with?.['command'], 'drift');
});

test('action.yml has steps that GitHub understands, and keeps the same rules', async () => {
  assert.equal(action.runs.using, 'composite');
  assert.deepEqual(await lint('.github/workflows/action.yml', asWorkflow(action)), []);
  assert.deepEqual([...brokenSteps(action.runs.steps, action), ...unpinned(actionText)], []);
  for (const step of action.runs.steps) assert.equal(step.run === undefined, step.shell === undefined);
  for (const [name, { description }] of Object.entries(action.inputs)) assert.ok(description, name);
});

test('action.yml passes on every output that the program writes', () => {
  const written = Object.keys(outputsOf(resultOf({})));
  assert.deepEqual(
    Object.entries(action.outputs).map(([name, { value }]) => [name, value]),
    written.map((name) => [name, `\${{ steps.run.outputs.${name} }}`]),
  );
});

const sync = 'sync.yml';
const guard = 'output-guard.yml';
const provision = 'provision.yml';
/** Each breaks one rule. */
const broken: readonly (readonly [what: string, file: string, from: string | RegExp, to: string, says: RegExp])[] = [
  ['an unpinned action', sync, /actions\/cache@\w+ # .*/, 'actions/cache@v4', /not pinned/],
  ['a pin without its version', sync, / # v4\.3\.0/, '', /not pinned/],
  ['more permissions', sync, 'contents: read', 'contents: write', /permissions/],
  [
    'permissions of a job',
    guard,
    '    timeout-minutes',
    '    permissions: write-all\n    timeout-minutes',
    /permissions/,
  ],
  ['no permissions said', guard, /permissions:\n {2}contents: read\n/, '', /permissions/],
  ['no time limit', sync, /timeout-minutes: \d+/, 'name: a', /timeout/],
  ['credentials in the checkout', guard, 'persist-credentials: false', 'submodules: false', /credentials/],
  ['an expression in a script', guard, '"$HEAD"', `"\${{ github.event.pull_request.head.sha }}"`, /expression/],
  ['a full hour', sync, '17,47', '0,30', /full hour/],
  ['every minute', sync, '17,47', '*/5', /full hour/],
  ['runs that are cancelled', sync, 'cancel-in-progress: false', 'cancel-in-progress: true', /cancelled/],
  ['an input that there is not', sync, 'athenz-cert:', 'athenz-crt:', /athenz-crt/],
  ['a secret on a pull request', provision, 'token: ""', `token: \${{ secrets.TOKEN }}`, /show: secrets/],
  [
    'secrets on each event',
    provision,
    "github.event_name != 'pull_request' && ",
    '',
    /provision: secrets on a pull request/,
  ],
  ['a secret in the guard', guard, 'token: ""', `token: \${{ secrets.TOKEN }}`, /secrets/],
  ['the head checked out', guard, `ref: \${{ github.event.pull_request.base.sha }}`, 'ref: main', /base/],
];
for (const [what, file, from, to, says] of broken) {
  test(`a workflow with ${what} breaks a rule`, () => {
    const text = texts.get(file) ?? '';
    const changed = text.replace(from, () => to);
    assert.notEqual(changed, text);
    assert.match(brokenRules(changed, action).join('\n'), says);
  });
}

/** What the linter is relied on for. */
const wrong: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
  ['an unknown key', 'runs-on', 'runs-om'],
  ['an unknown context', 'vars.', 'bars.'],
  ['an output of no step', 'steps.day.outputs', 'steps.dey.outputs'],
  ['a schedule that is none', '17,47 * * * *', '17,47 * * *'],
  ['a permission that there is not', 'contents: read', 'content: read'],
];
for (const [what, from, to] of wrong) {
  test(`the linter finds ${what}`, async () => {
    const text = texts.get(sync) ?? '';
    assert.notDeepEqual(await lint('.github/workflows/sync.yml', text.replace(from, to)), []);
  });
}

test('the linter finds an input that the action does not declare', async () => {
  const { token: _, ...inputs } = action.inputs;
  assert.match((await lint('a.yml', asWorkflow({ ...action, inputs }))).join('\n'), /property "token" is not defined/);
});
