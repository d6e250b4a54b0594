import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsOf, type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { markerOf } from '../support/marker.ts';
import { isChaos, sampleOf, testInChaos } from '../support/tier.ts';

const search = 'acme.eks.search';
const viewers = 'k8s_ns_viewers';

/** Opens #1, which removes a member's access. */
async function openLoss(): Promise<GitHubFixture> {
  const fixture = await openGitHubFixture({ rendered: true });
  fixture.setRole(search, viewers, ['user.eli']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
  return fixture;
}

test('a closed removal is not proposed again, and every run exits 4', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(1);
  for (let runs = isChaos ? 3 : 1; runs > 0; runs--) {
    const result = await fixture.sync(4);
    assert.deepEqual(actionsOf(result), ['declined', 1]);
    assert.notEqual(result.proposals[0]?.removalsSince, undefined);
    assert.equal(github.git.branches().has(proposed), false, 'the leftover branch is deleted');
  }
  const { out } = await fixture.expect(4, ['sync']);
  assert.equal(github.pulls().length, 1);
  assert.match(out, /#1, which proposed the same, was closed/);
});

test('a closed gain is not proposed again, exit 0', async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  fixture.setRole('acme.eks.checkout', 'oncall', ['user.new']);
  const { plan } = await fixture.sync();
  assert.deepEqual(
    plan.changes.map(({ kind }) => kind),
    ['gain'],
  );
  fixture.github.close(1);
  assert.deepEqual(actionsOf(await fixture.sync(0)), ['declined', 1]);
});

testInChaos('a new proposal after a decline refers to the declined pull request', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(1);
  await fixture.sync(4);
  fixture.setRole(search, viewers, []);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
  assert.match(github.pull(2).body ?? '', /#1\b/);
  assert.equal(github.pull(1).state, 'closed');
  // An update keeps the reference.
  fixture.setRole('acme.eks.checkout', viewers, ['user.new']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 2]);
  assert.match(github.pull(2).body ?? '', /#1\b/);
});

testInChaos('a proposal that becomes a declined one is closed, which declines nothing', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(1);
  await fixture.sync(4);
  fixture.setRole(search, viewers, []);
  await fixture.sync();
  fixture.setRole(search, viewers, ['user.eli']);
  assert.equal((await fixture.sync(4)).proposals[0]?.action, 'declined');
  assert.equal(github.pull(2).state, 'closed');
  fixture.setRole(search, viewers, []);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 3], 'what #2 proposed was not declined');
});

test('a pull request closed by the program is not declined', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  fixture.setRole(search, viewers, ['acme.org:group.search']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['delete', 1]);
  assert.equal(github.pull(1).state, 'closed');
  assert.equal(github.pull(1).comments.length, 1, 'a comment says why');
  assert.equal(github.git.branches().has(proposed), false);
  fixture.setRole(search, viewers, ['user.eli']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
});

testInChaos('a pull request closed by the program, then reopened and closed, is declined', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  const tip = github.pull(1).headSha;
  fixture.setRole(search, viewers, ['acme.org:group.search']);
  await fixture.sync();
  fixture.setRole(search, viewers, ['user.eli']);
  // GitHub offers to restore the branch.
  github.git.setRef(`refs/heads/${proposed}`, tip);
  github.reopen(1);
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  github.close(1);
  assert.deepEqual(actionsOf(await fixture.sync(4)), ['declined', 1]);
});

test('reopening a declined pull request withdraws the decline', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(1);
  github.reopen(1);
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
});

testInChaos('the rebuild label on a declined pull request proposes it again, once', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(1);
  await fixture.sync(4);
  github.setLabels(1, ['athenz-gitops/rebuild']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
  github.close(2);
  assert.deepEqual(actionsOf(await fixture.sync(4)), ['declined', 2], 'the label works once');
});

const closed = [
  ['pushed', 'POST', '/git-receive-pack', 0],
  // Edited, then restored.
  ['edited', 'PATCH', '/pulls/1', 2],
] as const;
for (const [when, method, end, edits] of sampleOf(closed, ['edited'])) {
  test(`closing a pull request while it is being ${when} declines its old contents only`, async () => {
    await using fixture = await openLoss();
    const { github } = fixture;
    const seen = markerOf(github.pull(1).body)?.digest;
    fixture.setRole(search, viewers, []);
    github.intercept((request) => {
      if (request.method === method && request.path.endsWith(end)) github.close(1);
      return undefined;
    });
    await fixture.sync();
    github.intercept(undefined);
    assert.equal(markerOf(github.pull(1).body)?.digest, seen);
    assert.equal(github.requests.filter((it) => it.method === 'PATCH' && it.path.endsWith('/pulls/1')).length, edits);
    assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
  });
}

testInChaos('a merged pull request with the same contents is not declined', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  const tree = github.git.run('rev-parse', 'main^{tree}');
  github.merge(1, 'squash');
  // After a revert, the change is needed again.
  const revert = github.git.commit({
    tree,
    parents: [github.git.run('rev-parse', 'main')],
    message: 'Revert',
    author: { name: 'Mona', email: 'mona@example.com' },
  });
  github.git.setRef('refs/heads/main', revert);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 2]);
});
