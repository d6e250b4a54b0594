import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Proposal } from '../../src/model/proposal.ts';
import { clockAhead, type Fixture, merge, openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitIn, refsOf } from '../support/repository.ts';

const branch = 'athenz-gitops/main/prod';
const hour = 3_600_000;

test("a branch with a person's commit is not touched until merged, exit 4", async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  commitOnTop(fixture);
  const before = refsOf(fixture.dir);
  for (const change of [() => {}, () => fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell'])]) {
    change();
    const { out } = await fixture.expect(4, ['sync']);
    assert.match(out, new RegExp(`Skipped ${branch} because the branch has foreign commits; merge or delete it\\.\n$`));
    assert.equal(refsOf(fixture.dir), before);
  }
  merge(fixture.dir, branch);
  assert.equal((await propose(fixture)).action, 'update');
});

test("a branch with a person's commit stays with nothing left to propose, exit 4", async () => {
  await using fixture = await openFixture({ rendered: true });
  const state = fixture.sandbox.state();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await propose(fixture);
  commitOnTop(fixture);
  fixture.sandbox.update(() => state);
  const before = refsOf(fixture.dir);
  assert.equal((await propose(fixture, 4)).action, 'blocked');
  assert.equal(refsOf(fixture.dir), before);
});

test('a proposal from a later poll is not overwritten, exit 0', async () => {
  await using fixture = await openFixture();
  assert.equal((await propose(fixture, 0, hour)).action, 'create');
  const before = refsOf(fixture.dir);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const stale = await propose(fixture);
  assert.equal(stale.action, 'superseded');
  assert.match(stale.reason ?? '', /^a later poll \(.*\) is already proposed$/);
  assert.equal(refsOf(fixture.dir), before);
  assert.equal((await propose(fixture, 0, 2 * hour)).action, 'update');
});

test('a proposal never brings back a commit that the base has dropped', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.commit({ 'secret.txt': 'x\n' }, 'Secret');
  fixture.pushMain();
  await fixture.expect(0, ['sync']);
  const before = fixture.tipOf(branch);
  // The base goes on: the proposal stays as it is.
  await fixture.commit({ 'readme.txt': 'x\n' });
  fixture.pushMain();
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.tipOf(branch), before);
  fixture.git('reset', '--quiet', '--hard', 'HEAD~2');
  fixture.git('push', '--quiet', '--force', 'origin', 'main');
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.show('%P', branch), fixture.tipOf('main'));
});

test('the branch of a removed cluster is deleted, unless a person committed to it', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  for (const name of ['staging', 'theirs']) fixture.git('branch', `athenz-gitops/main/${name}`, branch);
  commitOnTop(fixture, 'athenz-gitops/main/theirs');
  fixture.git('branch', 'athenz-gitops/other-base/prod', branch);
  const { proposals } = JSON.parse((await fixture.expect(4, ['sync', '--json'])).out);
  assert.deepEqual(
    proposals.map((it: Proposal) => `${it.branch} ${it.action}`),
    [`${branch} up-to-date`, 'athenz-gitops/main/staging delete', 'athenz-gitops/main/theirs blocked'],
  );
  const names = fixture.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/athenz-gitops');
  assert.deepEqual(names.split('\n'), [branch, 'athenz-gitops/main/theirs', 'athenz-gitops/other-base/prod']);
});

test('an orphaned branch is kept while something could not be read', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  fixture.git('branch', '--move', branch, 'athenz-gitops/main/staging');
  await fixture.commit({ 'clusters/prod/broken.yaml': 'kind: [' });
  const { proposals } = JSON.parse((await fixture.expect(3, ['sync', '--json'])).out);
  assert.deepEqual(
    proposals.map((it: Proposal) => `${it.branch} ${it.action}`),
    [`${branch} create`, 'athenz-gitops/main/staging leave'],
  );
});

test('a branch that is checked out is not moved, exit 4', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  const worktree = join(fixture.dir, '..', 'review');
  fixture.git('worktree', 'add', '--quiet', worktree, branch);
  assert.equal((await propose(fixture)).action, 'up-to-date');
  const before = refsOf(fixture.dir);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const { action, reason } = await propose(fixture, 4);
  assert.deepEqual([action, reason?.includes(worktree)], ['blocked', true]);
  assert.equal(refsOf(fixture.dir), before);
  assert.equal(gitIn(worktree, 'status', '--porcelain'), '');
});

test('the next change is proposed after a merged branch was deleted on the remote', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.expect(0, ['sync']);
  fixture.mergeProposal(branch);
  fixture.git('push', '--quiet', 'origin', `:${branch}`);
  assert.match(refsOf(fixture.target), /refs\/notes/);
  assert.equal((await propose(fixture)).action, 'none');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  assert.equal((await propose(fixture)).action, 'create');
  assert.equal(gitIn(fixture.target, 'rev-list', '--count', `main..${branch}`), '1');
});

for (const remote of [false, true]) {
  test(`two concurrent syncs${remote ? ' on two machines' : ''} succeed and leave one branch`, async () => {
    await using fixture = await openRemoteFixture({ remote });
    const other = join(fixture.dir, '..', 'other');
    if (remote) gitIn(fixture.dir, 'clone', '--quiet', fixture.target, other);
    const dirs = [fixture.dir, remote ? other : fixture.dir];
    // Of polls in the same millisecond both would make the same commit.
    const clocks = [clockAhead(0), clockAhead(1000)] as const;
    const runs = await Promise.all(
      clocks.map((clock, at) => fixture.expect(0, ['sync', '--json'], { clock, cwd: dirs[at] ?? fixture.dir })),
    );
    const actions = runs.map(({ out }) => JSON.parse(out).proposals[0].action).sort();
    assert.match(actions.join(), /^create,(superseded|up-to-date|update)$/);
    assert.equal(gitIn(fixture.target, 'rev-list', '--count', `main..${branch}`), '1');
    assert.equal((await propose(fixture)).action, 'up-to-date');
    assert.equal(refsOf(fixture.target, 'refs/heads/athenz-gitops').split('\n').length, 1);
  });
}

test('a branch that moves before the update is checked again', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  // Athenz is polled after the branches were read: commits to the branch then.
  let committed = false;
  fixture.sandbox.intercept(() => {
    if (!committed) commitOnTop(fixture);
    committed = true;
    return undefined;
  });
  const { action } = await propose(fixture, 4);
  assert.equal(action, 'blocked');
  assert.equal(fixture.git('log', '-1', '--format=%s', branch), 'Mine');
});

test('a branch that is deleted before the update is created again', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  fixture.sandbox.intercept(() => {
    if (refsOf(fixture.dir, `refs/heads/${branch}`) !== '') fixture.git('branch', '--delete', '--force', branch);
    return undefined;
  });
  assert.equal((await propose(fixture)).action, 'create');
  assert.equal(fixture.git('rev-list', '--count', `main..${branch}`), '1');
});

const obstacles: readonly (readonly [name: string, make: (fixture: Fixture) => unknown, reason: RegExp])[] = [
  ['a stale git lock file', (fixture) => fixture.write({ [`.git/refs/heads/${branch}.lock`]: '' }), /File exists/],
  [
    'a conflicting branch name',
    (fixture) => fixture.git('branch', 'athenz-gitops'),
    /'refs\/heads\/athenz-gitops' exists/,
  ],
];
for (const [name, make, reason] of obstacles) {
  test(`${name} fails with the reason, exit 1`, async () => {
    await using fixture = await openFixture();
    await make(fixture);
    const proposal = await propose(fixture, 1);
    assert.equal(proposal.action, 'failed');
    assert.match(proposal.reason ?? '', reason);
  });
}

test('a failed proposal does not stop the others', async () => {
  await using fixture = await openFixture({
    config: (text) => text.replace('kind: local', 'kind: local\n  groupBy: namespace'),
  });
  await fixture.write({ '.git/refs/heads/athenz-gitops/main/prod.labs.lock': '' });
  const { out } = await fixture.expect(1, ['sync']);
  assert.match(
    out,
    /Failed to propose athenz-gitops\/main\/prod\.labs: .*File exists\. Next: run again when the git process that holds the lock has ended;/,
  );
  assert.equal(refsOf(fixture.dir, 'refs/heads/athenz-gitops').split('\n').length, 5);
});

test('sync recovers from a note without its branch', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  const first = refsOf(fixture.dir);
  fixture.git('update-ref', '-d', `refs/heads/${branch}`);
  // As if killed between the two writes: the note exists, the branch does not.
  assert.equal((await propose(fixture)).action, 'create');
  assert.equal(refsOf(fixture.dir).split('\n').length, first.split('\n').length);
  assert.match(fixture.git('notes', `--ref=refs/notes/${branch}`, 'show', branch), /24 grants added/);
});

async function propose(fixture: Fixture, code = 0, ahead = 0): Promise<Proposal> {
  const { out } = await fixture.expect(code, ['sync', '--json'], { clock: clockAhead(ahead) });
  return JSON.parse(out).proposals[0];
}

function commitOnTop({ git }: Fixture, name = branch): void {
  git('switch', '--quiet', name);
  git('commit', '--quiet', '--allow-empty', '--message=Mine');
  git('switch', '--quiet', 'main');
}
