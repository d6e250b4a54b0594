import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarker } from '../../src/model/marker.ts';
import type { RunResult } from '../../src/model/result.ts';
import { type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';

const search = 'acme.eks.search';
const viewers = 'k8s_ns_viewers';

/** Somebody loses access, which is proposed as #1. */
async function openLoss(): Promise<GitHubFixture> {
  const fixture = await openGitHubFixture({ rendered: true });
  fixture.setRole(search, viewers, ['user.eli', 'user.gone']);
  await fixture.sync();
  fixture.github.merge(1);
  await fixture.sync();
  fixture.setRole(search, viewers, ['user.eli']);
  assert.deepEqual(told(await fixture.sync()), ['create', 2]);
  return fixture;
}

function told({ proposals }: RunResult): readonly unknown[] {
  return proposals.flatMap(({ action, pull }) => [action, pull?.number]);
}

test('a removal that somebody closed is not proposed again, and every run says that it waits', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(2);
  for (let runs = 0; runs < 3; runs++) {
    const result = await fixture.sync(4);
    assert.deepEqual(told(result), ['declined', 2]);
    assert.notEqual(result.proposals[0]?.removalsSince, undefined);
    assert.equal(github.git.branches().has(proposed), false, 'the leftover branch is gone');
  }
  assert.equal(github.pulls().length, 2);
  const { out } = await fixture.expect(4, ['sync']);
  assert.match(out, /somebody closed #2/);
});

test('a gain that somebody closed is not proposed again, and nothing is held back', async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  fixture.setRole('acme.eks.checkout', 'oncall', ['user.new']);
  const { plan } = await fixture.sync();
  assert.deepEqual(
    plan.changes.map(({ kind }) => kind),
    ['gain'],
  );
  fixture.github.close(1);
  assert.deepEqual(told(await fixture.sync(0)), ['declined', 1]);
});

test('after a decline other contents are proposed anew, and name what was closed', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(2);
  await fixture.sync(4);
  fixture.setRole(search, viewers, []);
  assert.deepEqual(told(await fixture.sync()), ['create', 3]);
  assert.match(github.pull(3).body ?? '', /#2\b/);
  assert.equal(github.pull(2).state, 'closed');
  // It goes on naming it.
  fixture.setRole('acme.eks.checkout', viewers, ['user.new']);
  assert.deepEqual(told(await fixture.sync()), ['update', 3]);
  assert.match(github.pull(3).body ?? '', /#2\b/);
});

test('what is proposed comes to be what was declined: it is closed, and that declines nothing', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(2);
  await fixture.sync(4);
  fixture.setRole(search, viewers, []);
  await fixture.sync();
  fixture.setRole(search, viewers, ['user.eli']);
  assert.equal((await fixture.sync(4)).proposals[0]?.action, 'declined');
  assert.equal(github.pull(3).state, 'closed');
  fixture.setRole(search, viewers, []);
  assert.deepEqual(told(await fixture.sync()), ['create', 4], 'nobody has declined what #3 proposed');
});

test('a pull request that the program closed was declined by nobody', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  fixture.setRole(search, viewers, ['user.eli', 'user.gone']);
  assert.deepEqual(told(await fixture.sync()), ['delete', 2]);
  assert.equal(github.pull(2).state, 'closed');
  assert.equal(github.pull(2).comments.length, 1, 'it says why');
  assert.equal(github.git.branches().has(proposed), false);
  fixture.setRole(search, viewers, ['user.eli']);
  assert.deepEqual(told(await fixture.sync()), ['create', 3]);
});

test('one that the program closed, and somebody opened again and closed, was declined', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  const tip = github.pull(2).headSha;
  fixture.setRole(search, viewers, ['user.eli', 'user.gone']);
  await fixture.sync();
  fixture.setRole(search, viewers, ['user.eli']);
  // GitHub offers to restore the branch.
  github.git.setRef(`refs/heads/${proposed}`, tip);
  github.reopen(2);
  assert.deepEqual(told(await fixture.sync()), ['up-to-date', 2]);
  github.close(2);
  assert.deepEqual(told(await fixture.sync(4)), ['declined', 2]);
});

test('a declined one that somebody opens again is proposed as before', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(2);
  github.reopen(2);
  assert.deepEqual(told(await fixture.sync()), ['up-to-date', 2]);
});

test('the label to rebuild on a declined one asks for it anew', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  github.close(2);
  await fixture.sync(4);
  github.setLabels(2, ['athenz-gitops/rebuild']);
  assert.deepEqual(told(await fixture.sync()), ['create', 3]);
  github.close(3);
  assert.deepEqual(told(await fixture.sync(4)), ['declined', 3], 'and once only');
});

for (const [when, method, end, edits] of [
  ['pushed', 'POST', '/git-receive-pack', 0],
  // And put back.
  ['edited', 'PATCH', '/pulls/2', 2],
] as const) {
  test(`who closes a pull request while it is being ${when} has declined what they saw`, async () => {
    await using fixture = await openLoss();
    const { github } = fixture;
    const seen = readMarker(github.pull(2).body ?? '')?.digest;
    fixture.setRole(search, viewers, []);
    github.intercept((request) => {
      if (request.method === method && request.path.endsWith(end)) github.close(2);
      return undefined;
    });
    await fixture.sync();
    github.intercept(undefined);
    assert.equal(readMarker(github.pull(2).body ?? '')?.digest, seen);
    assert.equal(github.requests.filter((it) => it.method === 'PATCH' && it.path.endsWith('/pulls/2')).length, edits);
    assert.deepEqual(told(await fixture.sync()), ['create', 3]);
  });
}

test('a merged pull request of the same contents is no decline', async () => {
  await using fixture = await openLoss();
  const { github } = fixture;
  const tree = github.git.run('rev-parse', 'main^{tree}');
  github.merge(2, 'squash');
  // Somebody reverts it: it is wanted again.
  const revert = github.git.commit({
    tree,
    parents: [github.git.run('rev-parse', 'main')],
    message: 'Revert',
    author: { name: 'Mona', email: 'mona@example.com' },
  });
  github.git.setRef('refs/heads/main', revert);
  assert.deepEqual(told(await fixture.sync()), ['create', 3]);
});
