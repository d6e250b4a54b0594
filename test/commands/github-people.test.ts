import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../support/github/client.ts';
import type { MergeMethod } from '../support/github/merging.ts';
import { actionsOf, type GitHubFixture, openGitHubFixture, openProposed, proposed } from '../support/github-fixture.ts';
import { isChaos, shareOf, testInChaos } from '../support/tier.ts';

const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const output = 'output/prod/search/rbac.yaml';

function change(fixture: GitHubFixture, name = 'user.nell'): void {
  fixture.setRole(search, admins, ['user.dara', name]);
}

test("a person's commit blocks updates, with one label and one comment", async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  const mine = github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  for (const name of isChaos ? ['user.nell', 'user.omar', 'user.pia'] : ['user.nell', 'user.omar']) {
    change(fixture, name);
    assert.deepEqual(actionsOf(await fixture.sync(4)), ['blocked', 1]);
  }
  assert.equal(github.git.branches().get(proposed), mine);
  const { labels, comments, state } = github.pull(1);
  assert.equal(state, 'open');
  assert.deepEqual(labels.toSorted(), ['athenz-gitops', 'athenz-gitops/blocked']);
  assert.equal(comments.length, 1);
  assert.match(comments[0]?.body ?? '', /athenz-gitops\/rebuild/);
});

testInChaos("a pull request with a person's commit stays open with nothing left to propose", async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  const files = Object.fromEntries(
    github.git
      .run('ls-tree', '-r', '--name-only', proposed, 'output/')
      .split('\n')
      .map((path) => [path, `${github.git.run('show', `${proposed}:${path}`)}\n`]),
  );
  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  github.commitTo('main', files);
  for (let runs = 0; runs < 2; runs++) assert.deepEqual(actionsOf(await fixture.sync(4)), ['blocked', 1]);
  assert.equal(github.pull(1).state, 'open');
  assert.ok(github.pull(1).labels.includes('athenz-gitops/blocked'));
  assert.equal(github.pull(1).comments.length, 1);
});

test('the rebuild label overwrites the branch, once', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  if (isChaos) await fixture.sync(4);
  github.setLabels(1, [...github.pull(1).labels, 'athenz-gitops/rebuild']);
  change(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops']);
  assert.equal(github.git.ask('show', `${proposed}:notes.md`), undefined);
  const mine = github.humanCommit(proposed, { 'notes.md': 'mine again\n' });
  assert.deepEqual(actionsOf(await fixture.sync(4)), ['blocked', 1]);
  assert.equal(github.git.branches().get(proposed), mine);
});

testInChaos('a rebuild label that could not be removed is removed by the next run', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  github.setLabels(1, ['athenz-gitops', 'athenz-gitops/rebuild']);
  github.intercept(({ method }) => (method === 'DELETE' ? { kind: 'status', status: 403 } : undefined));
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  github.intercept(undefined);
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops']);
});

const methods = ['merge', 'squash', 'rebase'] as const satisfies readonly MergeMethod[];

for (const method of methods) {
  testInChaos(`${method}: merging a pull request with a person's commits deletes its branch`, async () => {
    await using fixture = await openProposed();
    const { github } = fixture;
    github.humanCommit(proposed, { 'notes.md': 'mine\n' });
    await fixture.sync(4);
    github.merge(1, method);
    assert.equal((await fixture.sync()).proposals[0]?.action, 'delete');
    assert.equal(github.git.branches().has(proposed), false);
    assert.equal(github.git.run('show', 'main:notes.md'), 'mine');
    assert.deepEqual(actionsOf(await fixture.sync()), ['none', undefined]);
  });
}

for (const method of shareOf(methods, 2, 3)) {
  test(`${method}: a branch left after the merge restarts from the base`, async () => {
    await using fixture = await openProposed();
    const { github } = fixture;
    github.merge(1, method);
    change(fixture);
    assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
    assert.equal(github.git.run('rev-parse', `${proposed}^`), github.git.run('rev-parse', 'main'));
    assert.equal(github.git.run('diff', '--name-only', 'main', proposed), output);
  });
}

testInChaos("a person's commits after the merge are kept", async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  github.merge(1, 'squash');
  const later = github.humanCommit(proposed, { 'notes.md': 'more\n' });
  assert.deepEqual(actionsOf(await fixture.sync(4)), ['blocked', undefined]);
  assert.equal(github.git.branches().get(proposed), later);
});

testInChaos('an "Update branch" merge is left alone until there is a change', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  for (const text of ['one', 'two']) {
    github.commitTo('main', { 'README.md': text });
    const merged = github.updateBranch(1);
    assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
    assert.equal(github.git.branches().get(proposed), merged);
  }
  change(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.equal(github.git.run('rev-parse', `${proposed}^`), github.git.run('rev-parse', 'main'));
});

testInChaos('only a conflicting base commit rebuilds the branch', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  const tip = github.git.branches().get(proposed);
  github.commitTo('main', { 'README.md': 'other work\n' });
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  assert.equal(github.git.branches().get(proposed), tip);
  const text = github.git.run('show', `${proposed}:${output}`);
  github.commitTo('main', { [output]: `${text}\n# by hand\n` });
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.notEqual(github.git.mergeTrees('main', proposed), undefined);
});

testInChaos('deleting the branch declines its proposal; another change is proposed', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.deleteBranch(proposed);
  assert.equal(github.pull(1).state, 'closed');
  assert.deepEqual(actionsOf(await fixture.sync()), ['declined', 1]);
  change(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
});

test('a changed target branch blocks the pull request until it is changed back, and mentions nobody', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.git.run('branch', '@org/everyone', 'main');
  await call(github, 'PATCH', 'pulls/1', { base: '@org/everyone' });
  change(fixture);
  const tip = github.git.branches().get(proposed);
  for (let runs = 0; runs < 2; runs++) assert.deepEqual(actionsOf(await fixture.sync(4)), ['blocked', 1]);
  assert.equal(github.git.branches().get(proposed), tip);
  assert.equal(github.pull(1).comments.length, 1);
  assert.match(
    github.pull(1).comments[0]?.body ?? '',
    /its target was changed to <code>&#64;org&#47;everyone<\/code>: change it back/,
  );
  await call(github, 'PATCH', 'pulls/1', { base: 'main' });
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops']);
});

test('a pull request that comes to remove access gets the label for it, once; one without labels gets all', async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  const { github } = fixture;
  change(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops']);
  fixture.setRole(search, admins, ['user.bo']);
  await fixture.sync();
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops', 'athenz-gitops/removal']);
  github.setLabels(1, ['athenz-gitops', 'urgent']);
  fixture.setRole(search, admins, ['user.ada']);
  await fixture.sync();
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops', 'urgent']);
  github.setLabels(1, []);
  await fixture.sync();
  assert.deepEqual(github.pull(1).labels, ['athenz-gitops', 'athenz-gitops/removal']);
});

testInChaos('of two pull requests from one branch, the one into the base is updated', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  github.git.run('branch', 'release', 'main');
  const text = { title: 'For the release', head: proposed, base: 'release' };
  await call(github, 'POST', 'pulls', text);
  change(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.deepEqual(github.pull(2).labels, []);
});

test('approved removals stay proposed until the pull request is closed', async () => {
  await using fixture = await openGitHubFixture({
    rendered: true,
    config: (text) => text.replace(/limits:\n {2}.*/, 'limits:\n  maxRemovedGrants: {percent: 0, floor: 0}'),
  });
  const { github } = fixture;
  fixture.setRole(search, admins, []);
  const { plan } = await fixture.sync(4);
  assert.deepEqual(actionsOf(await fixture.sync(0, '--accept-removals', plan.heldRemovals ?? '')), ['create', 1]);
  assert.match(github.pull(1).body ?? '', /removals? in 1 namespace approved with --accept-removals/);
  if (isChaos) assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  github.commitTo('main', { 'README.md': '# Other work\n' });
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  github.close(1);
  // Closing it withdraws the approval, whatever else changes.
  fixture.setRole('acme.eks.checkout', admins, ['user.lena', 'user.nell']);
  const after = await fixture.sync(4);
  assert.equal(after.plan.heldRemovals, plan.heldRemovals);
  assert.deepEqual(actionsOf(after), ['create', 2]);
  assert.doesNotMatch(github.pull(2).body ?? '', /approved with/);
});
