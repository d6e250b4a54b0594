import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { editAdmins, type KubeStage, later, openKubeStage, statesOf, subjectsOf } from '../support/kube-stage.ts';
import { gitIn, gitWith } from '../support/repository.ts';
import { clockAhead } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';

/** How a reviewer brings the proposed branch to main. */
const merges: readonly (readonly [string, (stage: KubeStage) => void])[] = [
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

for (const [how, merge] of merges) {
  test(`waiting for the engine, once ${how} has brought it; then, as Athenz moves on, for a merge`, async () => {
    await using stage = await openKubeStage();
    stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await stage.expect(0, ['sync', '--quiet']);
    merge(stage);
    const result = await stage.drift(5, later);
    assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: waiting-for-engine']);
    assert.deepEqual(subjectsOf(result), [['user.nell', { athenz: true, git: true, live: false }]]);
    stage.apply();
    await stage.drift(0);
    stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    assert.deepEqual(statesOf(await stage.drift(5)), ['search/athenz-k8s_ns_admins: waiting-for-merge']);
  });
}

test('changed by hand in git: a commit of a person, by name', async () => {
  await using stage = await openKubeStage();
  const path = 'output/prod/search/rbac.yaml';
  const text = stage.git('show', `HEAD:${path}`);
  const commit = await stage.commit({ [path]: `${text.replaceAll('user.dara', 'user.eve')}\n` });
  stage.apply();
  const result = await stage.drift(5);
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
  const { out } = await stage.expect(5, ['drift']);
  assert.match(out, new RegExp(`changed by hand in git; commit ${commit.slice(0, 10)} of Pat Person`));
});

test("a merge of the bot's branch with a person's commit on it is a change by hand", async () => {
  await using stage = await openKubeStage();
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.expect(0, ['sync', '--quiet']);
  stage.git('switch', '--quiet', branch);
  const path = 'output/prod/search/rbac.yaml';
  await stage.commit({ [path]: `${stage.git('show', `HEAD:${path}`).replaceAll('user.nell', 'user.eve')}\n` });
  stage.git('switch', '--quiet', 'main');
  stage.git('merge', '--quiet', '--no-ff', '--no-edit', branch);
  stage.apply();
  assert.deepEqual(statesOf(await stage.drift(5)), ['search/athenz-k8s_ns_admins: changed-in-git']);
});

test('what was made long ago and merged just now has just come: the engine is waited for', async () => {
  await using stage = await openKubeStage();
  const namespaces = stage.git('show', 'HEAD:clusters/prod/namespaces.yaml');
  const without = namespaces.replace(/---\napiVersion: v1\nkind: Namespace\nmetadata:\n {2}name: search\n?/, '');
  stage.git('switch', '--quiet', '--create', 'gone');
  await stage.commit({ 'clusters/prod/namespaces.yaml': without, 'output/prod/search/rbac.yaml': null });
  stage.git('switch', '--quiet', 'main');
  const hour = 3_600_000;
  const inAnHour = { GIT_COMMITTER_DATE: new Date(Date.now() + hour).toISOString() };
  gitWith(inAnHour, stage.dir, 'merge', '--quiet', '--no-ff', '--no-edit', 'gone');
  const { bindings } = await stage.drift(5, { clock: clockAhead(hour + 60_000) });
  assert.deepEqual(new Set(bindings.map(({ states }) => states.join())), new Set(['waiting-for-engine']));
});

test('an orphan that git once had is told with the commit that took it away', async () => {
  await using stage = await openKubeStage();
  const namespaces = stage.git('show', 'HEAD:clusters/prod/namespaces.yaml');
  const without = namespaces.replace(/---\napiVersion: v1\nkind: Namespace\nmetadata:\n {2}name: search\n?/, '');
  const commit = await stage.commit({ 'clusters/prod/namespaces.yaml': without, 'output/prod/search/rbac.yaml': null });
  const soon = await stage.drift(5);
  assert.deepEqual(new Set(soon.bindings.map(({ states }) => states.join())), new Set(['waiting-for-engine']));
  const result = await stage.drift(5, later);
  assert.deepEqual(new Set(statesOf(result).map((it) => it.replace(/.*: /, ''))), new Set(['orphan']));
  for (const { note } of result.bindings) {
    assert.match(note ?? '', new RegExp(`left git on .* \\(${commit.slice(0, 10)}\\), and the engine does not prune`));
  }
});

test('a shallow clone is warned of, where it makes a difference', async () => {
  await using stage = await openKubeStage();
  const clone = join(stage.dir, '..', 'clone');
  gitIn(stage.dir, 'clone', '--quiet', '--depth=1', `file://${stage.dir}`, clone);
  const cwd = { cwd: clone };
  assert.doesNotMatch((await stage.expect(0, ['drift'], cwd)).err, /shallow/);
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  editAdmins(stage, 'user.eve');
  assert.match((await stage.expect(5, ['drift'], cwd)).err, /the clone is shallow: .*fetch-depth: 0/);
  assert.doesNotMatch((await stage.expect(5, ['drift'])).err, /shallow/);
});
