import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { clockAhead } from '../support/fixture.ts';
import { editAdmins, type KubeFixture, later, openKubeFixture, statesOf, subjectsOf } from '../support/kube-fixture.ts';
import { gitIn, gitWith } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

const branch = 'athenz-gitops/main/prod';

/** Ways to merge the proposed branch. */
const merges: readonly (readonly [string, (fixture: KubeFixture) => void])[] = [
  ['a merge commit', ({ git }) => git('merge', '--quiet', '--no-ff', '--no-edit', branch)],
  [
    'a squash with the trailers',
    ({ git }) => {
      const message = git('log', '-1', '--format=%B', branch);
      git('merge', '--quiet', '--squash', branch);
      git('commit', '--quiet', `--message=Access (#1)\n\n${message}`);
    },
  ],
  ['a rebase', ({ git }) => git('cherry-pick', branch)],
  ['a fast forward', ({ git }) => git('merge', '--quiet', '--ff-only', branch)],
];

for (const [how, merge] of sampleOf(merges, ['a squash with the trailers'])) {
  test(`${how}: waits for the controller, then for the next merge`, async () => {
    await using fixture = await openKubeFixture();
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await fixture.expect(0, ['sync', '--quiet']);
    merge(fixture);
    const result = await fixture.drift(5, later);
    assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: waiting-for-engine']);
    assert.deepEqual(subjectsOf(result), [['user.nell', { athenz: true, git: true, live: false }]]);
    fixture.apply();
    await fixture.drift(0);
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    assert.deepEqual(statesOf(await fixture.drift(5)), ['search/athenz-k8s_ns_admins: waiting-for-merge']);
  });
}

test('a manual commit is reported as changed in git, with its author', async () => {
  await using fixture = await openKubeFixture();
  const path = 'output/prod/search/rbac.yaml';
  const text = fixture.git('show', `HEAD:${path}`);
  const commit = await fixture.commit({ [path]: `${text.replaceAll('user.dara', 'user.eve')}\n` });
  fixture.apply();
  const result = await fixture.drift(5);
  assert.ok(statesOf(result).includes('search/athenz-k8s_ns_admins: changed-in-git'), String(statesOf(result)));
  const [binding] = result.bindings;
  assert.deepEqual(
    [binding?.commit?.commit, binding?.commit?.author, binding?.commit?.ours],
    [commit, 'Pat Person', false],
  );
  assert.deepEqual(subjectsOf(result).slice(0, 2), [
    ['user.dara', { athenz: true, git: false, live: false }],
    ['user.eve', { athenz: false, git: true, live: true }],
  ]);
  const { out } = await fixture.expect(5, ['drift']);
  assert.match(out, new RegExp(`changed by hand in git; commit ${commit.slice(0, 10)} of Pat Person`));
});

test("merging a bot branch with a person's commit counts as changed in git", async () => {
  await using fixture = await openKubeFixture();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync', '--quiet']);
  fixture.git('switch', '--quiet', branch);
  const path = 'output/prod/search/rbac.yaml';
  await fixture.commit({ [path]: `${fixture.git('show', `HEAD:${path}`).replaceAll('user.nell', 'user.eve')}\n` });
  fixture.git('switch', '--quiet', 'main');
  fixture.git('merge', '--quiet', '--no-ff', '--no-edit', branch);
  fixture.apply();
  assert.deepEqual(statesOf(await fixture.drift(5)), ['search/athenz-k8s_ns_admins: changed-in-git']);
});

test('a proposal that is merged with work on other files waits for the next merge', async () => {
  await using fixture = await openKubeFixture();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync', '--quiet']);
  fixture.git('switch', '--quiet', '--create', 'integration');
  await fixture.commit({ 'docs/a.md': 'A\n' });
  fixture.git('merge', '--quiet', '--no-edit', branch);
  fixture.git('switch', '--quiet', 'main');
  fixture.git('merge', '--quiet', '--no-ff', '--no-edit', 'integration');
  fixture.apply();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
  assert.deepEqual(statesOf(await fixture.drift(5)), ['search/athenz-k8s_ns_admins: waiting-for-merge']);
});

test('the wait for the GitOps controller starts at the merge, not the commit', async () => {
  await using fixture = await openKubeFixture();
  const namespaces = fixture.git('show', 'HEAD:clusters/prod/namespaces.yaml');
  const without = namespaces.replace(/---\napiVersion: v1\nkind: Namespace\nmetadata:\n {2}name: search\n?/, '');
  fixture.git('switch', '--quiet', '--create', 'gone');
  await fixture.commit({ 'clusters/prod/namespaces.yaml': without, 'output/prod/search/rbac.yaml': null });
  fixture.git('switch', '--quiet', 'main');
  const hour = 3_600_000;
  const inAnHour = { GIT_COMMITTER_DATE: new Date(Date.now() + hour).toISOString() };
  gitWith(inAnHour, fixture.dir, 'merge', '--quiet', '--no-ff', '--no-edit', 'gone');
  const { bindings } = await fixture.drift(5, { clock: clockAhead(hour + 60_000) });
  assert.deepEqual(new Set(bindings.map(({ states }) => states.join())), new Set(['waiting-for-engine']));
});

test('an orphan that git once had names the commit that removed it', async () => {
  await using fixture = await openKubeFixture();
  const namespaces = fixture.git('show', 'HEAD:clusters/prod/namespaces.yaml');
  const without = namespaces.replace(/---\napiVersion: v1\nkind: Namespace\nmetadata:\n {2}name: search\n?/, '');
  const commit = await fixture.commit({
    'clusters/prod/namespaces.yaml': without,
    'output/prod/search/rbac.yaml': null,
  });
  const first = await fixture.drift(5);
  assert.deepEqual(new Set(first.bindings.map(({ states }) => states.join())), new Set(['waiting-for-engine']));
  const result = await fixture.drift(5, later);
  assert.deepEqual(new Set(statesOf(result).map((it) => it.replace(/.*: /, ''))), new Set(['orphan']));
  for (const { note } of result.bindings) {
    assert.match(
      note ?? '',
      new RegExp(`removed from git on .* \\(${commit.slice(0, 10)}\\), not pruned by the GitOps controller`),
    );
  }
});

test('warns about a shallow clone only when the history matters', async () => {
  await using fixture = await openKubeFixture();
  const clone = join(fixture.dir, '..', 'clone');
  gitIn(fixture.dir, 'clone', '--quiet', '--depth=1', `file://${fixture.dir}`, clone);
  const cwd = { cwd: clone };
  assert.doesNotMatch((await fixture.expect(0, ['drift'], cwd)).err, /shallow/);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  editAdmins(fixture, 'user.eve');
  assert.match((await fixture.expect(5, ['drift'], cwd)).err, /shallow clone: .*fetch-depth: 0/);
  assert.doesNotMatch((await fixture.expect(5, ['drift'])).err, /shallow/);
});
