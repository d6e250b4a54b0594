import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Proposal } from '../../src/model/result.ts';
import { clockAhead, type Fixture, merge, openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitIn, refsOf } from '../support/repository.ts';

const branch = 'athenz-gitops/main/prod';
const hour = 3_600_000;

test('a branch that somebody has committed to is never touched, exit 4, until it is merged', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  commitOnTop(fixture);
  const before = refsOf(fixture.dir);
  for (const change of [() => {}, () => fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell'])]) {
    change();
    const { out } = await fixture.expect(4, ['sync']);
    assert.match(
      out,
      new RegExp(`Did not touch ${branch}: somebody has committed to it: merge it, or delete the branch\\.\n$`),
    );
    assert.equal(refsOf(fixture.dir), before);
  }
  merge(fixture.dir, branch);
  assert.equal((await propose(fixture)).action, 'update');
});

test('somebody’s branch stays, exit 4, when there is nothing to propose any more', async () => {
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

test('a proposal from a later poll is left to that run, exit 0', async () => {
  await using fixture = await openFixture();
  assert.equal((await propose(fixture, 0, hour)).action, 'create');
  const before = refsOf(fixture.dir);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const late = await propose(fixture);
  assert.equal(late.action, 'superseded');
  assert.match(late.reason ?? '', /^a later poll \(.*\) has proposed already$/);
  assert.equal(refsOf(fixture.dir), before);
  assert.equal((await propose(fixture, 0, 2 * hour)).action, 'update');
});

test('an orphaned branch of a cluster that is gone from the config is removed, one of a person’s is not', async () => {
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

test('an orphaned branch stays while something could not be read', async () => {
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

test('a branch that is checked out is not moved under its reader’s feet, exit 4', async () => {
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

test('after somebody has deleted a merged branch alone, as forges do, the next change is proposed', async () => {
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
  test(`two syncs at once${remote ? ' on two machines' : ''} end in one good branch, and neither fails`, async () => {
    await using fixture = await openRemoteFixture({ remote });
    const other = join(fixture.dir, '..', 'other');
    if (remote) gitIn(fixture.dir, 'clone', '--quiet', fixture.target, other);
    const dirs = [fixture.dir, remote ? other : fixture.dir];
    const runs = await Promise.all(dirs.map((cwd) => fixture.expect(0, ['sync', '--json'], { cwd })));
    const actions = runs.map(({ out }) => JSON.parse(out).proposals[0].action).sort();
    assert.match(actions.join(), /^create,(superseded|up-to-date|update)$/);
    assert.equal(gitIn(fixture.target, 'rev-list', '--count', `main..${branch}`), '1');
    assert.equal((await propose(fixture)).action, 'up-to-date');
    assert.equal(refsOf(fixture.target, 'refs/heads/athenz-gitops').split('\n').length, 1);
  });
}

test('a branch that moves between the look and the update is looked at again', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  // Athenz is polled after the branches were read: a good moment for somebody to push.
  let pushed = false;
  fixture.sandbox.intercept(() => {
    if (!pushed) commitOnTop(fixture);
    pushed = true;
    return undefined;
  });
  const { action } = await propose(fixture, 4);
  assert.equal(action, 'blocked');
  assert.equal(fixture.git('log', '-1', '--format=%s', branch), 'Mine');
});

test('a branch that is deleted between the look and the update is proposed anew', async () => {
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

const inTheWay: readonly (readonly [name: string, make: (fixture: Fixture) => unknown, reason: RegExp])[] = [
  [
    'a lock file that a killed git left behind',
    (fixture) => fixture.write({ [`.git/refs/heads/${branch}.lock`]: '' }),
    /File exists/,
  ],
  [
    'a branch whose name is in the way',
    (fixture) => fixture.git('branch', 'athenz-gitops'),
    /'refs\/heads\/athenz-gitops' exists/,
  ],
];
for (const [name, make, reason] of inTheWay) {
  test(`${name} is a failure that is named, exit 1, not a race that was lost`, async () => {
    await using fixture = await openFixture();
    await make(fixture);
    const proposal = await propose(fixture, 1);
    assert.equal(proposal.action, 'failed');
    assert.match(proposal.reason ?? '', reason);
  });
}

test('one proposal that fails does not keep the others back', async () => {
  await using fixture = await openFixture({
    config: (text) => text.replace('kind: local', 'kind: local\n  groupBy: namespace'),
  });
  await fixture.write({ '.git/refs/heads/athenz-gitops/main/prod.labs.lock': '' });
  const { out } = await fixture.expect(1, ['sync']);
  assert.match(out, /Could not propose athenz-gitops\/main\/prod\.labs: .*File exists/);
  assert.equal(refsOf(fixture.dir, 'refs/heads/athenz-gitops').split('\n').length, 5);
});

test('a killed sync leaves nothing that the next one trips over', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  const first = refsOf(fixture.dir);
  fixture.git('update-ref', '-d', `refs/heads/${branch}`);
  // As if it had been killed between the two: the note is there, the branch is not.
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
