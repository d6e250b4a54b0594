import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { gitWith, refsOf } from '../support/repository.ts';

const file = 'output/prod/search/rbac.yaml';
const proposed = 'athenz-gitops/main/prod';
const botEmail = 'athenz-gitops@users.noreply.github.com';

async function openGuarded(keep = 'output/**/kustomization.yaml', rendered = true): Promise<Fixture> {
  return openFixture({ rendered, config: (text) => `${text}\noutput:\n  keep: ["${keep}"]\n` });
}

/** Commits on a branch of its own what somebody would like to have merged. */
async function propose(fixture: Fixture, files: Parameters<Fixture['commit']>[0], branch = 'change'): Promise<void> {
  fixture.git('switch', '--quiet', '--create', branch);
  await fixture.commit(files);
  fixture.git('switch', '--quiet', 'main');
}

function guard(fixture: Fixture, code: number, head: string, ...more: readonly string[]) {
  return fixture.expect(code, ['guard', '--base', 'main', '--head', head, ...more]);
}

const changes: readonly (readonly [what: string, files: Parameters<Fixture['commit']>[0], code: number])[] = [
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
    await using fixture = await openGuarded();
    await propose(fixture, files);
    const { out } = await guard(fixture, code, 'change', '--head-ref', 'change');
    assert.equal(out.includes('belong'), code === 4, out);
  });
}

test('each file is named, and no name acts on the terminal', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { [file]: null, 'output/prod/\u001b[31m\nred': '1' });
  const { out } = await guard(fixture, 4, 'change');
  assert.match(out, /^2 files that belong to athenz-gitops /);
  assert.ok(out.includes(`\n  ${file}\n`) && out.includes('\n  output/prod/\\u001b[31m\\u000ared\n'), out);
});

test('a file that moves away is one that goes', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { [file]: null, 'elsewhere.yaml': fixture.git('show', `main:${file}`) });
  await guard(fixture, 4, 'change');
});

test('where nothing is rendered yet, a link in place of the folder counts', async () => {
  await using fixture = await openGuarded(undefined, false);
  await propose(fixture, { output: '->elsewhere' });
  await guard(fixture, 4, 'change');
});

test('keeping everything for others does not keep what is rendered', async () => {
  await using fixture = await openGuarded('output/**');
  await propose(fixture, { 'output/notes.txt': 'Mine.' }, 'notes');
  await guard(fixture, 0, 'notes');
  await propose(fixture, { [file]: '# mine\n' });
  await guard(fixture, 4, 'change');
});

test('what changed in the base since is not counted', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { 'README.md': 'Read me.\n' });
  await fixture.commit({ [file]: '# by the program\n' });
  await guard(fixture, 0, 'change');
});

test('a proposal of the program passes on its own branch, and nowhere else', async () => {
  await using fixture = await openGuarded();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  const refs = refsOf(fixture.dir);
  const { out } = await guard(fixture, 0, proposed, '--head-ref', proposed);
  assert.match(out, /^1 rendered file changed, by athenz-gitops itself/);
  await guard(fixture, 4, proposed, '--head-ref', 'change');
  await guard(fixture, 4, proposed, '--head-ref', 'athenz-gitops/other/prod');
  await guard(fixture, 4, proposed, '--head-ref', '');
  await guard(fixture, 4, proposed);
  assert.equal(refsOf(fixture.dir), refs, 'nothing is written');
});

test('a merge that is GitHub’s "Update branch" is no work of a person', async () => {
  await using fixture = await openGuarded();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  await fixture.commit({ 'README.md': 'Read me.\n' });
  const tree = fixture.git('merge-tree', '--write-tree', proposed, 'main');
  const merge = asGitHub(fixture, 'commit-tree', tree, '-p', proposed, '-p', 'main', '-m', 'Merge main');
  await guard(fixture, 0, merge, '--head-ref', proposed);
});

/** Commits of the program that somebody has put something under, on top of or into. */
const forgeries: readonly (readonly [what: string, forge: (fixture: Fixture) => Promise<void>])[] = [
  [
    'a commit of a person on top',
    async (fixture) => {
      await fixture.commit({ [file]: '# mine\n' });
    },
  ],
  [
    'a commit of a person below',
    async (fixture) => {
      const [bot, base] = [fixture.git('rev-parse', 'HEAD'), fixture.git('rev-parse', 'main')];
      fixture.git('reset', '--quiet', '--hard', 'main');
      const below = await fixture.commit({ 'output/prod/labs/rbac.yaml': '# mine\n' });
      const message = fixture.git('log', '-1', '--format=%B', bot).replaceAll(base, below);
      fixture.git('restore', `--source=${bot}`, '--staged', '--worktree', file);
      asBot(fixture, 'commit', '--quiet', `--message=${message}`);
    },
  ],
  [
    'other content in it',
    async (fixture) => {
      await fixture.write({ [file]: '# mine\n' });
      fixture.git('commit', '--quiet', '--all', '--amend', '--no-edit');
    },
  ],
];
for (const [what, forge] of forgeries) {
  test(`a proposal of the program with ${what} does not pass`, async () => {
    await using fixture = await openGuarded();
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await fixture.expect(0, ['sync']);
    fixture.git('switch', '--quiet', proposed);
    await forge(fixture);
    fixture.git('switch', '--quiet', 'main');
    await guard(fixture, 4, proposed, '--head-ref', proposed);
  });
}

test('a commit that is not here, or of another history, fails the check', async () => {
  await using fixture = await openGuarded();
  for (const head of ['f'.repeat(40), '--output=x', 'nowhere']) {
    const { err } = await guard(fixture, 2, head);
    assert.match(err, /^error: USAGE: --head .*: there is no such commit here\n {2}Fetch it first/);
  }
  fixture.git('switch', '--quiet', '--orphan', 'unrelated');
  await fixture.commit({ [file]: '1' });
  fixture.git('switch', '--quiet', 'main');
  await guard(fixture, 1, 'unrelated');
});

function asBot(fixture: Fixture, ...args: readonly string[]): string {
  return as(fixture, 'athenz-gitops', botEmail, args);
}

function asGitHub(fixture: Fixture, ...args: readonly string[]): string {
  return as(fixture, 'GitHub', 'noreply@github.com', args);
}

function as({ dir }: Fixture, name: string, email: string, args: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  return gitWith(who, dir, ...args);
}
