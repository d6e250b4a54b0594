import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { markerOf } from '../support/marker.ts';
import { gitEnv } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

test('opens a pull request, updates it, and deletes its branch after the merge', async () => {
  await using fixture = await openGitHubFixture();
  const { github } = fixture;
  const first = await fixture.sync();
  assert.deepEqual(
    first.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['create', 1]],
  );
  const opened = github.pull(1);
  assert.equal(opened.title, first.proposals[0]?.title);
  assert.match(opened.body ?? '', /^\*\*Merging this changes who may do what in cluster `prod`\.\*\*/);
  assert.equal(markerOf(opened.body)?.digest, first.proposals[0]?.digest);
  assert.deepEqual(opened.labels, ['athenz-gitops']);

  const pushes = (await github.pushes()).length;
  const again = await fixture.sync();
  assert.deepEqual(
    again.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['up-to-date', 1]],
  );
  assert.equal((await github.pushes()).length, pushes, 'nothing is pushed again');

  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const changed = await fixture.sync();
  assert.deepEqual(
    changed.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['update', 1]],
  );
  assert.match(github.pull(1).body ?? '', /user\.nell/);
  assert.equal(github.pulls().length, 1);

  await github.merge(1, 'squash');
  const merged = await fixture.sync();
  assert.deepEqual(
    merged.proposals.map(({ action }) => action),
    ['delete'],
  );
  assert.equal(github.git.branches().has(proposed), false);
  assert.deepEqual(
    (await fixture.sync()).proposals.map(({ action }) => action),
    ['none'],
  );
});

test('plan fetches with the token, and fails without one', async () => {
  await using fixture = await openGitHubFixture();
  await fixture.expect(0, ['plan']);
  const { err } = await fixture.expect(1, ['plan'], { env: gitEnv });
  assert.match(
    err,
    /^error: GIT_UNAUTHENTICATED: fetching main from origin: 127.* answers 401 Unauthorized: the token/,
  );
});

test('splits a large scope into at most maxOpenPullRequests pull requests', async () => {
  await using fixture = await openGitHubFixture({
    config: (text) =>
      text.replace('kind: github', 'kind: github\n  maxFilesPerPullRequest: 10\n  maxOpenPullRequests: 2'),
  });
  const names = Array.from({ length: 40 }, (_, index) => `team-${index}`);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': `[${names.join(', ')}]\n` });
  fixture.publish();
  const planned = (await fixture.expect(0, ['plan'])).out;
  const { proposals } = await fixture.sync();
  const titled = proposals.filter(({ title }) => title !== undefined);
  assert.ok(titled.length > 4, `${titled.length} proposals`);
  for (const { scope } of titled) assert.match(planned, new RegExp(`^${scope}  `, 'm'));
  const done = Map.groupBy(proposals, ({ action }) => action);
  assert.equal(done.get('create')?.length, 2);
  assert.ok((done.get('waiting')?.length ?? 0) > 2);
  assert.equal(fixture.github.pulls().length, 2);
  for (const pull of fixture.github.pulls()) assert.match(pull.head, /^athenz-gitops\/main\/prod\.part-[0-9a-f]$/);

  // The next run opens no more.
  const before = fixture.github.pulls().map(({ head, state }) => `${head} ${state}`);
  const again = Map.groupBy((await fixture.sync()).proposals, ({ action }) => action);
  const waiting = done.get('waiting')?.length;
  assert.deepEqual([again.get('up-to-date')?.length, again.get('waiting')?.length], [2, waiting]);
  assert.deepEqual(
    fixture.github.pulls().map(({ head, state }) => `${head} ${state}`),
    before,
  );
});

test('removals are proposed before other changes', async () => {
  await using fixture = await openGitHubFixture({
    rendered: true,
    config: (text) => text.replace('kind: github', 'kind: github\n  groupBy: namespace\n  maxOpenPullRequests: 1'),
  });
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const { proposals } = await fixture.sync();
  assert.deepEqual(
    proposals.filter(({ action }) => action !== 'none').map(({ scope, action }) => `${scope} ${action}`),
    ['prod/search create', 'prod/checkout waiting'],
  );
  assert.deepEqual(fixture.github.pull(1).labels, ['athenz-gitops', 'athenz-gitops/removal']);
});

const declined = [
  ['with a removal', ['user.nell'], 4],
  ['with additions only', ['user.dara', 'user.nell'], 0],
] as const;

// github-declined has the same in npm test.
for (const [what, members, code] of sampleOf(declined, [])) {
  test(`a declined pull request ${what} exits ${code}`, async () => {
    await using fixture = await openGitHubFixture({ rendered: true });
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', members);
    await fixture.sync();
    await fixture.github.close(1);
    for (let runs = 0; runs < 2; runs++) {
      const { exitCode, proposals } = await fixture.sync(code);
      assert.equal(exitCode, code);
      assert.deepEqual(
        proposals.map(({ action, pull }) => [action, pull?.number, pull?.state]),
        [['declined', 1, 'closed']],
      );
    }
    assert.equal(fixture.github.pulls().length, 1);
  });
}
