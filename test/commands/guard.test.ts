import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitWith, refsOf } from '../support/repository.ts';
import { openStage, type Stage } from '../support/stage.ts';

const file = 'output/prod/search/rbac.yaml';
const proposed = 'athenz-gitops/main/prod';
const botEmail = 'athenz-gitops@users.noreply.github.com';

async function openGuarded(keep = 'output/**/kustomization.yaml', rendered = true): Promise<Stage> {
  return openStage({ rendered, config: (text) => `${text}\noutput:\n  keep: ["${keep}"]\n` });
}

/** Commits on a branch of its own what somebody would like to have merged. */
async function propose(stage: Stage, files: Parameters<Stage['commit']>[0], branch = 'change'): Promise<void> {
  stage.git('switch', '--quiet', '--create', branch);
  await stage.commit(files);
  stage.git('switch', '--quiet', 'main');
}

function guard(stage: Stage, code: number, head: string, ...more: readonly string[]) {
  return stage.expect(code, ['guard', '--base', 'main', '--head', head, ...more]);
}

const changes: readonly (readonly [what: string, files: Parameters<Stage['commit']>[0], code: number])[] = [
  ['no rendered file', { 'clusters/prod/new.yaml': '[extra]\n', 'outputs/a': '1' }, 0],
  ['a changed file', { [file]: '# mine\n' }, 4],
  ['a removed file', { [file]: null }, 4],
  ['a new file', { 'output/prod/mine.yaml': 'a: 1\n' }, 4],
  ['a file of a cluster that is not configured', { 'output/old/a.yaml': 'a: 1\n' }, 4],
  ['a link in place of the folder', { output: '->elsewhere' }, 4],
  ['a file that the config keeps for others', { 'output/prod/kustomization.yaml': 'a: 1\n' }, 0],
  ['a kept file and another one', { 'output/prod/kustomization.yaml': '', 'output/prod/a': '' }, 4],
];
for (const [what, files, code] of changes) {
  test(`${what} in a pull request of a person: exit ${code}`, async () => {
    await using stage = await openGuarded();
    await propose(stage, files);
    const { out } = await guard(stage, code, 'change', '--head-ref', 'change');
    assert.equal(out.includes('belong'), code === 4, out);
  });
}

test('each file is named, and no name acts on the terminal', async () => {
  await using stage = await openGuarded();
  await propose(stage, { [file]: null, 'output/prod/\u001b[31m\nred': '1' });
  const { out } = await guard(stage, 4, 'change');
  assert.match(out, /^2 files that belong to athenz-gitops /);
  assert.ok(out.includes(`\n  ${file}\n`) && out.includes('\n  output/prod/\\u001b[31m\\u000ared\n'), out);
});

test('a file that moves away is one that goes', async () => {
  await using stage = await openGuarded();
  await propose(stage, { [file]: null, 'elsewhere.yaml': stage.git('show', `main:${file}`) });
  await guard(stage, 4, 'change');
});

test('where nothing is rendered yet, a link in place of the folder counts', async () => {
  await using stage = await openGuarded(undefined, false);
  await propose(stage, { output: '->elsewhere' });
  await guard(stage, 4, 'change');
});

test('keeping everything for others does not keep what is rendered', async () => {
  await using stage = await openGuarded('output/**');
  await propose(stage, { 'output/notes.txt': 'Mine.' }, 'notes');
  await guard(stage, 0, 'notes');
  await propose(stage, { [file]: '# mine\n' });
  await guard(stage, 4, 'change');
});

test('what changed in the base since is not counted', async () => {
  await using stage = await openGuarded();
  await propose(stage, { 'README.md': 'Read me.\n' });
  await stage.commit({ [file]: '# by the program\n' });
  await guard(stage, 0, 'change');
});

test('a proposal of the program passes on its own branch, and nowhere else', async () => {
  await using stage = await openGuarded();
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.expect(0, ['sync']);
  const refs = refsOf(stage.dir);
  const { out } = await guard(stage, 0, proposed, '--head-ref', proposed);
  assert.match(out, /^1 rendered file changed, by athenz-gitops itself/);
  await guard(stage, 4, proposed, '--head-ref', 'change');
  await guard(stage, 4, proposed, '--head-ref', 'athenz-gitops/other/prod');
  await guard(stage, 4, proposed, '--head-ref', '');
  await guard(stage, 4, proposed);
  assert.equal(refsOf(stage.dir), refs, 'nothing is written');
});

test('a merge that is GitHub’s "Update branch" is no work of a person', async () => {
  await using stage = await openGuarded();
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.expect(0, ['sync']);
  await stage.commit({ 'README.md': 'Read me.\n' });
  const tree = stage.git('merge-tree', '--write-tree', proposed, 'main');
  const merge = asGitHub(stage, 'commit-tree', tree, '-p', proposed, '-p', 'main', '-m', 'Merge main');
  await guard(stage, 0, merge, '--head-ref', proposed);
});

/** Commits of the program that somebody has put something under, on top of or into. */
const forgeries: readonly (readonly [what: string, forge: (stage: Stage) => Promise<void>])[] = [
  [
    'a commit of a person on top',
    async (stage) => {
      await stage.commit({ [file]: '# mine\n' });
    },
  ],
  [
    'a commit of a person below',
    async (stage) => {
      const [bot, base] = [stage.git('rev-parse', 'HEAD'), stage.git('rev-parse', 'main')];
      stage.git('reset', '--quiet', '--hard', 'main');
      const below = await stage.commit({ 'output/prod/labs/rbac.yaml': '# mine\n' });
      const message = stage.git('log', '-1', '--format=%B', bot).replaceAll(base, below);
      stage.git('restore', `--source=${bot}`, '--staged', '--worktree', file);
      asBot(stage, 'commit', '--quiet', `--message=${message}`);
    },
  ],
  [
    'other content in it',
    async (stage) => {
      await stage.write({ [file]: '# mine\n' });
      stage.git('commit', '--quiet', '--all', '--amend', '--no-edit');
    },
  ],
];
for (const [what, forge] of forgeries) {
  test(`a proposal of the program with ${what} does not pass`, async () => {
    await using stage = await openGuarded();
    stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await stage.expect(0, ['sync']);
    stage.git('switch', '--quiet', proposed);
    await forge(stage);
    stage.git('switch', '--quiet', 'main');
    await guard(stage, 4, proposed, '--head-ref', proposed);
  });
}

test('a commit that is not here, or of another history, fails the check', async () => {
  await using stage = await openGuarded();
  for (const head of ['f'.repeat(40), '--output=x', 'nowhere']) {
    const { err } = await guard(stage, 2, head);
    assert.match(err, /^error: USAGE: --head .*: there is no such commit here\n {2}Fetch it first/);
  }
  stage.git('switch', '--quiet', '--orphan', 'unrelated');
  await stage.commit({ [file]: '1' });
  stage.git('switch', '--quiet', 'main');
  await guard(stage, 1, 'unrelated');
});

function asBot(stage: Stage, ...args: readonly string[]): string {
  return as(stage, 'athenz-gitops', botEmail, args);
}

function asGitHub(stage: Stage, ...args: readonly string[]): string {
  return as(stage, 'GitHub', 'noreply@github.com', args);
}

function as({ dir }: Stage, name: string, email: string, args: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  return gitWith(who, dir, ...args);
}
