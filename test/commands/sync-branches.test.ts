import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Proposal } from '../../src/model/result.ts';
import { openPlace } from '../support/place.ts';
import { gitIn, refsOf } from '../support/repository.ts';
import { clockAhead, merge, openStage, type Stage } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';
const hour = 3_600_000;

test('a branch that somebody has committed to is never touched, exit 4, until it is merged', async () => {
  await using stage = await openStage();
  await stage.expect(0, ['sync']);
  commitOnTop(stage);
  const before = refsOf(stage.dir);
  for (const change of [() => {}, () => stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell'])]) {
    change();
    const { out } = await stage.expect(4, ['sync']);
    assert.match(
      out,
      new RegExp(`Did not touch ${branch}: somebody has committed to it: merge it, or delete the branch\\.\n$`),
    );
    assert.equal(refsOf(stage.dir), before);
  }
  merge(stage.dir, branch);
  assert.equal((await propose(stage)).action, 'update');
});

test('somebody’s branch stays, exit 4, when there is nothing to propose any more', async () => {
  await using stage = await openStage({ rendered: true });
  const state = stage.sandbox.state();
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await propose(stage);
  commitOnTop(stage);
  stage.sandbox.update(() => state);
  const before = refsOf(stage.dir);
  assert.equal((await propose(stage, 4)).action, 'blocked');
  assert.equal(refsOf(stage.dir), before);
});

test('a proposal from a later poll is left to that run, exit 0', async () => {
  await using stage = await openStage();
  assert.equal((await propose(stage, 0, hour)).action, 'create');
  const before = refsOf(stage.dir);
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const late = await propose(stage);
  assert.equal(late.action, 'superseded');
  assert.match(late.reason ?? '', /^a later poll \(.*\) has proposed already$/);
  assert.equal(refsOf(stage.dir), before);
  assert.equal((await propose(stage, 0, 2 * hour)).action, 'update');
});

test('an orphaned branch of a cluster that is gone from the config is removed, one of a person’s is not', async () => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.expect(0, ['sync']);
  for (const name of ['staging', 'theirs']) stage.git('branch', `athenz-gitops/main/${name}`, branch);
  commitOnTop(stage, 'athenz-gitops/main/theirs');
  stage.git('branch', 'athenz-gitops/other-base/prod', branch);
  const { proposals } = JSON.parse((await stage.expect(4, ['sync', '--json'])).out);
  assert.deepEqual(
    proposals.map((it: Proposal) => `${it.branch} ${it.action}`),
    [`${branch} up-to-date`, 'athenz-gitops/main/staging delete', 'athenz-gitops/main/theirs blocked'],
  );
  const names = stage.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/athenz-gitops');
  assert.deepEqual(names.split('\n'), [branch, 'athenz-gitops/main/theirs', 'athenz-gitops/other-base/prod']);
});

test('an orphaned branch stays while something could not be read', async () => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.expect(0, ['sync']);
  stage.git('branch', '--move', branch, 'athenz-gitops/main/staging');
  await stage.commit({ 'clusters/prod/broken.yaml': 'kind: [' });
  const { proposals } = JSON.parse((await stage.expect(3, ['sync', '--json'])).out);
  assert.deepEqual(
    proposals.map((it: Proposal) => `${it.branch} ${it.action}`),
    [`${branch} create`, 'athenz-gitops/main/staging leave'],
  );
});

test('a branch that is checked out is not moved under its reader’s feet, exit 4', async () => {
  await using stage = await openStage();
  await stage.expect(0, ['sync']);
  const worktree = join(stage.dir, '..', 'review');
  stage.git('worktree', 'add', '--quiet', worktree, branch);
  assert.equal((await propose(stage)).action, 'up-to-date');
  const before = refsOf(stage.dir);
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const { action, reason } = await propose(stage, 4);
  assert.deepEqual([action, reason?.includes(worktree)], ['blocked', true]);
  assert.equal(refsOf(stage.dir), before);
  assert.equal(gitIn(worktree, 'status', '--porcelain'), '');
});

test('after somebody has deleted a merged branch alone, as forges do, the next change is proposed', async () => {
  await using place = await openPlace({ remote: true });
  await place.expect(0, ['sync']);
  place.mergeProposal(branch);
  place.git('push', '--quiet', 'origin', `:${branch}`);
  assert.match(refsOf(place.target), /refs\/notes/);
  assert.equal((await propose(place)).action, 'none');
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  assert.equal((await propose(place)).action, 'create');
  assert.equal(gitIn(place.target, 'rev-list', '--count', `main..${branch}`), '1');
});

for (const remote of [false, true]) {
  test(`two syncs at once${remote ? ' on two machines' : ''} end in one good branch, and neither fails`, async () => {
    await using place = await openPlace({ remote });
    const other = join(place.dir, '..', 'other');
    if (remote) gitIn(place.dir, 'clone', '--quiet', place.target, other);
    const dirs = [place.dir, remote ? other : place.dir];
    const runs = await Promise.all(dirs.map((cwd) => place.expect(0, ['sync', '--json'], { cwd })));
    const actions = runs.map(({ out }) => JSON.parse(out).proposals[0].action).sort();
    assert.match(actions.join(), /^create,(superseded|up-to-date|update)$/);
    assert.equal(gitIn(place.target, 'rev-list', '--count', `main..${branch}`), '1');
    assert.equal((await propose(place)).action, 'up-to-date');
    assert.equal(refsOf(place.target, 'refs/heads/athenz-gitops').split('\n').length, 1);
  });
}

test('a branch that moves between the look and the update is looked at again', async () => {
  await using stage = await openStage();
  await stage.expect(0, ['sync']);
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  // Athenz is polled after the branches were read: a good moment for somebody to push.
  let pushed = false;
  stage.sandbox.intercept(() => {
    if (!pushed) commitOnTop(stage);
    pushed = true;
    return undefined;
  });
  const { action } = await propose(stage, 4);
  assert.equal(action, 'blocked');
  assert.equal(stage.git('log', '-1', '--format=%s', branch), 'Mine');
});

test('a branch that is deleted between the look and the update is proposed anew', async () => {
  await using stage = await openStage();
  await stage.expect(0, ['sync']);
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  stage.sandbox.intercept(() => {
    if (refsOf(stage.dir, `refs/heads/${branch}`) !== '') stage.git('branch', '--delete', '--force', branch);
    return undefined;
  });
  assert.equal((await propose(stage)).action, 'create');
  assert.equal(stage.git('rev-list', '--count', `main..${branch}`), '1');
});

const inTheWay: readonly (readonly [name: string, make: (stage: Stage) => unknown, reason: RegExp])[] = [
  [
    'a lock file that a killed git left behind',
    (stage) => stage.write({ [`.git/refs/heads/${branch}.lock`]: '' }),
    /File exists/,
  ],
  [
    'a branch whose name is in the way',
    (stage) => stage.git('branch', 'athenz-gitops'),
    /'refs\/heads\/athenz-gitops' exists/,
  ],
];
for (const [name, make, reason] of inTheWay) {
  test(`${name} is a failure that is named, exit 1, not a race that was lost`, async () => {
    await using stage = await openStage();
    await make(stage);
    const proposal = await propose(stage, 1);
    assert.equal(proposal.action, 'failed');
    assert.match(proposal.reason ?? '', reason);
  });
}

test('one proposal that fails does not keep the others back', async () => {
  await using stage = await openStage({
    config: (text) => text.replace('kind: local', 'kind: local\n  groupBy: namespace'),
  });
  await stage.write({ '.git/refs/heads/athenz-gitops/main/prod.labs.lock': '' });
  const { out } = await stage.expect(1, ['sync']);
  assert.match(out, /Could not propose athenz-gitops\/main\/prod\.labs: .*File exists/);
  assert.equal(refsOf(stage.dir, 'refs/heads/athenz-gitops').split('\n').length, 5);
});

test('a killed sync leaves nothing that the next one trips over', async () => {
  await using stage = await openStage();
  await stage.expect(0, ['sync']);
  const first = refsOf(stage.dir);
  stage.git('update-ref', '-d', `refs/heads/${branch}`);
  // As if it had been killed between the two: the note is there, the branch is not.
  assert.equal((await propose(stage)).action, 'create');
  assert.equal(refsOf(stage.dir).split('\n').length, first.split('\n').length);
  assert.match(stage.git('notes', `--ref=refs/notes/${branch}`, 'show', branch), /24 grants added/);
});

async function propose(stage: Stage, code = 0, ahead = 0): Promise<Proposal> {
  const { out } = await stage.expect(code, ['sync', '--json'], { clock: clockAhead(ahead) });
  return JSON.parse(out).proposals[0];
}

function commitOnTop({ git }: Stage, name = branch): void {
  git('switch', '--quiet', name);
  git('commit', '--quiet', '--allow-empty', '--message=Mine');
  git('switch', '--quiet', 'main');
}
