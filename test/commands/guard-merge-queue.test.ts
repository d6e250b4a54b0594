import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { gitWith } from '../support/repository.ts';

const file = 'output/prod/search/rbac.yaml';
const proposed = 'athenz-gitops/main/prod';
const queue = {
  GIT_AUTHOR_NAME: 'Pat Person',
  GIT_AUTHOR_EMAIL: 'pat@example.com',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
};

/** What a merge queue makes of a branch on top of a commit, by its merge method. */
const methods = {
  merge: (fixture: Fixture, onto: string, branch: string) => commit(fixture, onto, branch, ['-p', onto, '-p', branch]),
  squash: (fixture: Fixture, onto: string, branch: string) => commit(fixture, onto, branch, ['-p', onto]),
} as const;

function commit(fixture: Fixture, onto: string, branch: string, parents: readonly string[]): string {
  const tree = fixture.git('merge-tree', '--write-tree', onto, branch);
  return gitWith(queue, fixture.dir, 'commit-tree', tree, ...parents, '-m', 'Merge pull request #12');
}

function guard(fixture: Fixture, code: number, head: string) {
  return fixture.expect(code, ['guard', '--base', 'main', '--head', head, '--merge-group']);
}

test("a merge queue's commits of a proposal pass, and a person's changes do not", async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  await fixture.commit({ 'README.md': 'Read me.\n' });
  fixture.git('switch', '--quiet', '--create', 'harmless');
  await fixture.commit({ 'docs.md': 'Read me too.\n' });
  fixture.git('switch', '--quiet', '--create', 'harmful', 'main');
  await fixture.commit({ [file]: '# mine\n' });
  fixture.git('switch', '--quiet', 'main');

  for (const method of [methods.merge, methods.squash]) {
    const group = method(fixture, 'main', proposed);
    assert.match((await guard(fixture, 0, group)).out, /^1 rendered file changed, by athenz-gitops itself/);
    await guard(fixture, 0, method(fixture, group, 'harmless'));
    await guard(fixture, 4, method(fixture, 'main', 'harmful'));
  }
  const { out } = await fixture.expect(4, [
    'guard',
    '--base',
    'main',
    '--head',
    methods.squash(fixture, 'main', proposed),
  ]);
  assert.match(out, /^The merge changes 1 file/, 'only a queue may rewrite a proposal');
});

test('--merge-group excludes --head-ref', async () => {
  await using fixture = await openFixture();
  const args = ['guard', '--base', 'main', '--head', 'main', '--merge-group', '--head-ref', proposed];
  assert.match((await fixture.expect(2, args)).err, /--merge-group.*cannot be used with.*--head-ref/);
});
