import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { gitWith } from '../support/repository.ts';
import { shareOf } from '../support/tier.ts';

const file = 'output/prod/search/rbac.yaml';
const nell = '# user.nell\n';

/** A repository whose base has the rendered file, with nell in it or not. */
async function openGuarded(granted: boolean): Promise<{ readonly fixture: Fixture; readonly text: string }> {
  const fixture = await openFixture({ rendered: true });
  const text = `${fixture.git('show', `main:${file}`)}\n`;
  if (granted) await fixture.commit({ [file]: text + nell }, 'Grant nell');
  return { fixture, text };
}

function guard(fixture: Fixture, code: number, ...more: readonly string[]) {
  return fixture.expect(code, ['guard', '--base', 'main', '--head', 'change', ...more]);
}

test('a revoked grant hidden behind a second merge base is rejected', async () => {
  const { fixture, text } = await openGuarded(true);
  await using _ = fixture;
  const { git } = fixture;
  // The newest merge base is the one that "base...head" shows; who makes a commit chooses its date.
  git('switch', '--quiet', '--create', 'change');
  await fixture.write({ 'README.md': 'Read me.\n' });
  git('add', '--all');
  gitWith({ GIT_COMMITTER_DATE: '2099-01-01T00:00:00Z' }, fixture.dir, 'commit', '--quiet', '--message=Read me');
  git('switch', '--quiet', 'main');
  await fixture.commit({ [file]: text }, 'Revoke nell');
  const revoked = git('rev-parse', 'main');
  git('merge', '--quiet', '--no-edit', 'change');
  git('switch', '--quiet', 'change');
  git('merge', '--quiet', '--no-edit', '--strategy=ours', revoked);
  git('switch', '--quiet', 'main');

  assert.equal(git('merge-base', '--all', 'main', 'change').split('\n').length, 2);
  assert.equal(git('diff', '--name-only', 'main...change'), '', 'a diff with one merge base shows nothing');
  const merged = git('merge-tree', '--write-tree', 'main', 'change');
  assert.ok(git('show', `${merged}:${file}`).includes('user.nell'), 'the merge brings nell back');
  const { out } = await guard(fixture, 4);
  assert.match(out, new RegExp(`^The merge changes 1 file that belongs to athenz-gitops:\n {2}${file}\n`));
});

test('a grant added and removed again, that a rebase brings back, is rejected', async () => {
  const { fixture, text } = await openGuarded(false);
  await using _ = fixture;
  const { git } = fixture;
  git('switch', '--quiet', '--create', 'change');
  const add = await fixture.commit({ [file]: text + nell }, 'Add');
  const remove = await fixture.commit({ [file]: text }, 'Remove');
  await fixture.commit({ 'README.md': 'Read me.\n' }, 'Other');
  git('switch', '--quiet', 'main');
  await fixture.commit({ [file]: text + nell, 'output/prod/labs/rbac.yaml': '# granted\n' }, 'Grant nell and others');
  await fixture.commit({ [file]: text }, 'Revoke nell');

  const merged = git('merge-tree', '--write-tree', 'main', 'change');
  assert.equal(git('diff', '--name-only', 'main', merged), 'README.md', 'a merge leaves the file alone');
  git('switch', '--quiet', '--create', 'rebased', 'change');
  git('rebase', '--quiet', 'main');
  assert.ok(git('show', `HEAD:${file}`).includes('user.nell'), 'a rebase brings nell back');
  git('switch', '--quiet', 'main');
  const { out } = await guard(fixture, 4);
  assert.match(out, /^2 commits change files that belong to athenz-gitops:\n/);
  for (const commit of [add, remove]) assert.ok(out.includes(`\n  ${commit.slice(0, 12)} ${file}\n`), out);
});

test('a merge commit that changes a rendered file on its own is rejected', async () => {
  const { fixture, text } = await openGuarded(false);
  await using _ = fixture;
  const { git } = fixture;
  const mergeWith = async (content: string) => {
    git('switch', '--quiet', 'main');
    await fixture.commit({ 'README.md': `${content.length}\n` });
    git('switch', '--quiet', 'change');
    git('merge', '--quiet', '--no-commit', 'main');
    await fixture.commit({ [file]: content }, 'Merge main');
    return git('rev-parse', 'HEAD');
  };
  git('switch', '--quiet', '--create', 'change');
  await fixture.commit({ 'a.txt': '1' });
  const adds = await mergeWith(text + nell);
  await mergeWith(text);
  git('switch', '--quiet', 'main');
  assert.equal(git('diff', '--name-only', 'main', 'change'), 'a.txt');
  const { out } = await guard(fixture, 4);
  assert.ok(out.includes(`\n  ${adds.slice(0, 12)} ${file}\n`), out);
});

test('a merge that conflicts is rejected, wherever it does', async () => {
  const { fixture } = await openGuarded(false);
  await using _ = fixture;
  fixture.git('switch', '--quiet', '--create', 'change');
  await fixture.commit({ 'README.md': 'Mine.\n' });
  fixture.git('switch', '--quiet', 'main');
  await fixture.commit({ 'README.md': 'Yours.\n' });
  const { out } = await guard(fixture, 4, '--head-ref', 'change');
  assert.equal(
    out,
    'The merge conflicts in 1 file:\n  README.md\nMerge the base into the branch and resolve them; sync rebuilds a branch of its own at its next run.\n',
  );
});

test('a proposal of the program that was merged before and revoked since is rejected', async () => {
  const { fixture } = await openGuarded(false);
  await using _ = fixture;
  const { git } = fixture;
  const proposed = 'athenz-gitops/main/prod';
  const claimed = ['--head', proposed, '--head-ref', proposed] as const;
  const base = git('rev-parse', 'main');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  await fixture.expect(0, ['guard', '--base', 'main', ...claimed]);
  git('merge', '--quiet', '--squash', proposed);
  git('commit', '--quiet', '--message=Grant nell');
  git('checkout', '--quiet', base, '--', file);
  await fixture.commit({}, 'Revoke nell');

  const merged = git('merge-tree', '--write-tree', 'main', proposed);
  assert.ok(git('show', `${merged}:${file}`).includes('nell'), 'the merge brings nell back');
  const { out } = await fixture.expect(4, ['guard', '--base', 'main', ...claimed]);
  assert.match(
    out,
    /\nThe base has changed these files since athenz-gitops proposed them: the next sync rebuilds the branch\.\n/,
  );
});

/** A file that is not owned, and that the base replaces by a rendered one, is changed and changed back. */
const moves: readonly (readonly [
  how: string,
  rendered: string,
  move: (fixture: Fixture, text: string) => Promise<void>,
])[] = [
  [
    'deletes an example and has a new rendered file like it',
    'output/prod/team-new/rbac.yaml',
    async (fixture, text) => {
      await fixture.commit({ 'docs/example.yaml': null }, 'Delete the example');
      await fixture.commit({ 'output/prod/team-new/rbac.yaml': text }, 'Render a namespace');
    },
  ],
  [
    'moves the output folder',
    'rendered/prod/team-new/rbac.yaml',
    async (fixture, text) => {
      await fixture.editConfig((config) => `${config}\noutput:\n  path: rendered/{cluster}/{namespace}/rbac.yaml\n`);
      await fixture.commit({ 'docs/example.yaml': null, 'rendered/prod/team-new/rbac.yaml': text }, 'Move the output');
    },
  ],
];
for (const [index, [how, rendered, move]] of moves.entries()) {
  for (const updated of shareOf([false, true], index, moves.length)) {
    test(`a grant that a rebase carries into a rendered file is rejected where the base ${how}${updated ? ', merged into the branch too' : ''}`, async () => {
      const { fixture, text } = await openGuarded(false);
      await using _ = fixture;
      const { git } = fixture;
      await fixture.commit({ 'docs/example.yaml': text + nell }, 'An example');
      git('switch', '--quiet', '--create', 'change');
      await fixture.commit({ 'docs/example.yaml': text }, 'Drop nell');
      const adds = await fixture.commit({ 'docs/example.yaml': text + nell }, 'Revert');
      await fixture.commit({ 'README.md': 'Read me.\n' }, 'Other');
      git('switch', '--quiet', 'main');
      await move(fixture, text);
      if (updated) {
        git('switch', '--quiet', 'change');
        git('merge', '--quiet', '--no-edit', 'main');
        git('switch', '--quiet', 'main');
      }

      const merged = git('merge-tree', '--write-tree', 'main', 'change');
      assert.equal(git('diff', '--name-only', 'main', merged), 'README.md', 'a merge leaves the file alone');
      const { out } = await guard(fixture, 4);
      const named = `Merged by rebase, 1 commit would change files that belong to athenz-gitops:\n  ${adds.slice(0, 12)} ${rendered}\n`;
      assert.ok(out.startsWith(named), out);
      await guard(fixture, 0, '--merge-group');
      git('switch', '--quiet', '--create', 'rebased', 'change');
      git('rebase', '--quiet', 'main');
      assert.ok(git('show', `HEAD:${rendered}`).includes('user.nell'), 'a rebase grants nell');
    });
  }
}

test('a change that follows a file outside the output folders passes', async () => {
  const { fixture } = await openGuarded(false);
  await using _ = fixture;
  const text = 'A\nB\nC\nD\n';
  await fixture.commit({ 'docs/a.md': text }, 'Docs');
  fixture.git('switch', '--quiet', '--create', 'change');
  await fixture.commit({ 'docs/a.md': `${text}E\n` });
  fixture.git('switch', '--quiet', 'main');
  await fixture.commit({ 'docs/a.md': null, 'docs/b.md': text }, 'Move');
  await guard(fixture, 0);
});
