import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitWith, refsOf } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

const file = 'output/prod/search/rbac.yaml';
const proposed = 'athenz-gitops/main/prod';
const botEmail = 'athenz-gitops@users.noreply.github.com';

async function openGuarded(keep = 'output/**/kustomization.yaml', rendered = true): Promise<Fixture> {
  return openFixture({ rendered, config: (text) => `${text}\noutput:\n  keep: ["${keep}"]\n` });
}

/** Commits the files to a new branch. */
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
  ['a file of an unknown cluster', { 'output/old/a.yaml': 'a: 1\n' }, 4],
  ['a link in place of the output folder', { output: '->elsewhere' }, 4],
  ['a file in output.keep', { 'output/prod/kustomization.yaml': 'a: 1\n' }, 0],
  ['a kept file and a new one', { 'output/prod/kustomization.yaml': '', 'output/prod/a': '' }, 4],
];
/** The verdicts are those of test/guard/verdict.test.ts. */
const sampled = ['no rendered file', 'a removed file', 'a file in output.keep', 'a link in place of the output folder'];
for (const [what, files, code] of sampleOf(changes, sampled)) {
  test(`a person's pull request with ${what}: exit ${code}`, async () => {
    await using fixture = await openGuarded();
    await propose(fixture, files);
    const { out } = await guard(fixture, code, 'change', '--head-ref', 'change');
    assert.equal(out.includes('belong'), code === 4, out);
  });
}

test('lists each file, with control characters escaped', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { [file]: null, 'output/prod/\u001b[31m\nred': '1' });
  const { out } = await guard(fixture, 4, 'change');
  assert.match(out, /^The merge changes 2 files that belong to athenz-gitops:\n/);
  assert.ok(out.includes(`\n  ${file}\n`) && out.includes('\n  output/prod/\\u001b[31m\\u000ared\n'), out);
});

test('a file moved out of the output folder counts as removed', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { [file]: null, 'elsewhere.yaml': fixture.git('show', `main:${file}`) });
  await guard(fixture, 4, 'change');
});

test('rejects a link in place of the output folder before the first render', async () => {
  await using fixture = await openGuarded(undefined, false);
  await propose(fixture, { output: '->elsewhere' });
  await guard(fixture, 4, 'change');
});

test('output.keep does not cover rendered files', async () => {
  await using fixture = await openGuarded('output/**');
  await propose(fixture, { 'output/notes.txt': 'Mine.' }, 'notes');
  await guard(fixture, 0, 'notes');
  await propose(fixture, { [file]: '# mine\n' });
  await guard(fixture, 4, 'change');
});

test('later changes on the base are ignored', async () => {
  await using fixture = await openGuarded();
  await propose(fixture, { 'README.md': 'Read me.\n' });
  await fixture.commit({ [file]: '# by the program\n' });
  await guard(fixture, 0, 'change');
});

test("the program's proposal passes only on its own branch", async () => {
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

test('an "Update branch" merge by GitHub passes', async () => {
  await using fixture = await openGuarded();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  await fixture.commit({ 'README.md': 'Read me.\n' });
  const tree = fixture.git('merge-tree', '--write-tree', proposed, 'main');
  const merge = asGitHub(fixture, 'commit-tree', tree, '-p', proposed, '-p', 'main', '-m', 'Merge main');
  await guard(fixture, 0, merge, '--head-ref', proposed);
});

/** Proposals that a person has added commits to or changed. */
const forgeries: readonly (readonly [what: string, forge: (fixture: Fixture) => Promise<void>])[] = [
  [
    "a person's commit on top",
    async (fixture) => {
      await fixture.commit({ [file]: '# mine\n' });
    },
  ],
  [
    "a person's commit below",
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
    'changed content',
    async (fixture) => {
      await fixture.write({ [file]: '# mine\n' });
      fixture.git('commit', '--quiet', '--all', '--amend', '--no-edit');
    },
  ],
];
for (const [what, forge] of sampleOf(forgeries, ["a person's commit below", 'changed content'])) {
  test(`rejects a proposal with ${what}`, async () => {
    await using fixture = await openGuarded();
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await fixture.expect(0, ['sync']);
    fixture.git('switch', '--quiet', proposed);
    await forge(fixture);
    fixture.git('switch', '--quiet', 'main');
    await guard(fixture, 4, proposed, '--head-ref', proposed);
  });
}

test('the example of --help passes a proposal of the program', async () => {
  await using fixture = await openRemoteFixture({ rendered: true, remote: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  const { out: help } = await fixture.expect(0, ['guard', '--help']);
  const example = /^ {2}\$ athenz-gitops (.+)$/m.exec(help)?.[1]?.split(' ') ?? [];
  assert.match((await fixture.expect(0, example)).out, /by athenz-gitops itself/);
  const withoutRef = example.slice(0, example.indexOf('--head-ref'));
  assert.match((await fixture.expect(4, withoutRef)).out, /Its commits look like a proposal .*--head-ref/);
});

test('fails for an unknown commit or an unrelated history', async () => {
  await using fixture = await openGuarded();
  for (const head of ['f'.repeat(40), '--output=x', 'nowhere']) {
    const { err } = await guard(fixture, 2, head);
    assert.match(err, /^error: USAGE: --head .*: there is no such commit in this repository\n {2}Fetch it first/);
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
  const identity = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
  return gitWith(identity, dir, ...args);
}
