import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import { openPlace } from '../support/place.ts';
import { fingerprint, gitIn, refsOf } from '../support/repository.ts';
import { merge, type Stage } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';

/** Where a proposal goes, and what `forge` says for it. */
const places = [
  ['local', 'kind: local', false],
  ['none', 'kind: none', false],
  ['local, with a remote', 'kind: local\n  remote: origin', true],
  ['none, with a remote', 'kind: none\n  remote: origin', true],
] as const;

for (const [index, [name, forge, remote]] of places.entries()) {
  const open = (rendered = false) => openPlace({ forge, remote, rendered });

  test(`${name}: one branch with one commit, whose tree is the base and the changed files alone`, async () => {
    await using place = await open();
    const base = place.git('rev-parse', 'main');
    const head = place.git('rev-parse', 'HEAD');
    const { out } = await place.expect(0, ['sync']);
    assert.match(out, new RegExp(`Proposed as ${branch}: look at it with git log`));
    const tip = place.tipOf(branch);
    assert.equal(place.show('%P', tip), base);
    assert.equal(place.show('%an <%ae> %cn <%ce>', tip), `${bot} ${bot}`);
    assert.match(place.show('%s', tip), /^athenz-gitops: prod: 24 gain access \(4 namespaces\)$/);
    const names = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
    const expected = names.map((it) => `A\toutput/prod/${it}/rbac.yaml`);
    assert.deepEqual(gitIn(place.target, 'diff', '--name-status', base, tip).split('\n'), expected);
    // The same bytes as in a work tree.
    await place.expect(0, ['render']);
    place.git('add', 'output');
    assert.equal(place.git('write-tree'), place.show('%T', tip));
    assert.equal(place.git('rev-parse', 'HEAD'), head);
  });

  // What follows is the same for all four, so each does half of it.
  if (index % 3 === 0) {
    test(`${name}: a second run does nothing, and the branch goes once it is merged`, async () => {
      await using place = await open();
      await place.expect(0, ['sync']);
      const before = refsOf(place.target);
      const second = await place.expect(0, ['sync']);
      assert.match(second.out, new RegExp(`Proposed already as ${branch}, waiting to be merged\\.\n$`));
      assert.equal(refsOf(place.target), before);

      place.mergeProposal(branch);
      const { out } = await place.expect(0, ['sync']);
      const taken = `^Nothing to change.*Took ${branch} away: it is not needed any more\\.\n$`;
      assert.match(out, new RegExp(taken, 's'));
      assert.equal(refsOf(place.target), `refs/heads/main ${place.git('rev-parse', 'main')}`);
      const last = await place.expect(0, ['sync']);
      assert.doesNotMatch(last.out, /athenz-gitops\/main/);
    });
    continue;
  }

  test(`${name}: a change of members is proposed anew, as one commit on the base of now`, async () => {
    await using place = await open(true);
    place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await place.expect(0, ['sync']);
    const first = place.tipOf(branch);
    await place.commit({ 'README.md': 'unrelated\n' });
    place.pushMain();
    place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    const { out } = await place.expect(0, ['sync']);
    assert.match(out, new RegExp(`Proposed anew as ${branch}`));
    const tip = place.tipOf(branch);
    assert.notEqual(tip, first);
    assert.equal(place.show('%P', tip), place.git('rev-parse', 'main'));
    assert.match(place.show('%b', tip), /^\+ user\.omar in search k8s_ns_admins: member of the role$/m);
    assert.doesNotMatch(place.show('%b', tip), /user\.nell/);
    const { plan } = await result(place, ['plan']);
    assert.deepEqual(
      plan.files.map((file) => `${file.action} ${file.path}`),
      ['change output/prod/search/rbac.yaml'],
    );
  });
}

test('an unrelated commit on the base leaves the proposal alone; one to a file of it rebuilds it', async () => {
  await using place = await openPlace();
  await place.expect(0, ['sync']);
  const before = place.tipOf(branch);
  await place.commit({ 'README.md': 'unrelated\n' });
  assert.equal((await result(place)).proposals[0]?.action, 'up-to-date');
  assert.equal(place.tipOf(branch), before);

  // Half of the proposal is merged by other means.
  place.git('checkout', '--quiet', branch, '--', 'output/prod/search');
  await place.commit({}, 'Picked');
  assert.equal((await result(place)).proposals[0]?.action, 'update');
  assert.equal(place.show('%P', place.tipOf(branch)), place.git('rev-parse', 'main'));
  const changed = place.git('diff', '--name-only', 'main', branch).split('\n');
  assert.equal(changed.includes('output/prod/search/rbac.yaml'), false);
  assert.equal(changed.length, 5);
});

test('a proposal that Athenz takes back is taken away unmerged', async () => {
  await using place = await openPlace({ rendered: true });
  const state = place.sandbox.state();
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  assert.equal((await result(place)).proposals[0]?.action, 'create');
  place.sandbox.update(() => state);
  assert.equal((await result(place)).proposals[0]?.action, 'delete');
  assert.doesNotMatch(refsOf(place.target), /athenz-gitops/);
});

test('an edit of the base by hand is proposed to be put right', async () => {
  await using place = await openPlace({ rendered: true });
  const file = 'output/prod/search/rbac.yaml';
  await place.commit({ [file]: place.git('show', `main:${file}`).replaceAll('user.dara', 'user.mallory') });
  const { plan } = await result(place);
  assert.deepEqual(
    plan.changes.map((change) => ('subject' in change ? `${change.kind} ${change.subject.name}` : change.kind)),
    ['gain user.dara', 'gain user.dara', 'lose user.mallory', 'lose user.mallory'],
  );
  merge(place.dir, branch);
  assert.deepEqual((await result(place)).plan.changes, []);
});

test('a namespace that leaves git is proposed to leave, and its file is the only one that goes', async () => {
  await using place = await openPlace({ rendered: true });
  const namespaces = place.git('show', 'main:clusters/prod/namespaces.yaml');
  await place.commit({
    'clusters/prod/namespaces.yaml': namespaces.replace(/---\n.*\n.*\n.*\n {2}name: reports\n/, ''),
  });
  await place.expect(0, ['sync']);
  assert.equal(place.git('diff', '--name-status', 'main', branch), 'D\toutput/prod/reports/rbac.yaml');
});

test('--dry-run decides everything and writes nothing', async () => {
  await using place = await openPlace();
  const before = await fingerprint(place.dir);
  const { out } = await place.expect(0, ['sync', '--dry-run']);
  assert.match(out, new RegExp(`Would propose ${branch}\\.\n$`));
  assert.deepEqual(await fingerprint(place.dir), before);

  await place.expect(0, ['sync']);
  merge(place.dir, branch);
  const merged = await fingerprint(place.dir);
  const dry = await result(place, ['sync', '--dry-run']);
  assert.deepEqual([dry.dryRun, dry.proposals[0]?.action], [true, 'delete']);
  assert.deepEqual(await fingerprint(place.dir), merged);
});

test('sync leaves the work tree, the index and HEAD alone, dirty as they are', async () => {
  await using place = await openPlace();
  await place.write({ 'README.md': 'mine\n', output: '->clusters', 'staged.txt': 'x\n' });
  place.git('add', 'staged.txt');
  const ours = async () =>
    (await fingerprint(place.dir)).filter((it) => !/\/\.git\/(objects|(logs\/)?refs)\//.test(it));
  const before = await ours();
  await place.expect(0, ['sync']);
  assert.deepEqual(await ours(), before);
});

test('the note of a local proposal is the body of a pull request, and moves with the branch', async () => {
  await using place = await openPlace();
  await place.expect(0, ['sync']);
  const read = () => place.git('notes', `--ref=refs/notes/${branch}`, 'show', branch);
  assert.match(
    read(),
    /^athenz-gitops: prod: 24 gain access \(4 namespaces\)\n\n\*\*Merging this changes who may do what/,
  );
  assert.match(read(), /<!-- athenz-gitops v1 \{"scope":"prod","base":"main","digest":"sha256:[0-9a-f]{64}".*\} -->$/);
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  await place.expect(0, ['sync']);
  assert.match(read(), /user\.nell/);
  await place.editConfig((text) => text.replace('kind: local', 'kind: none'));
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.omar']);
  await place.expect(0, ['sync']);
  assert.equal(refsOf(place.dir, 'refs/notes'), '');
});

test('in a repository of sha256 a run ends like in any other', async () => {
  await using place = await openPlace({ objectFormat: 'sha256' });
  await place.expect(0, ['sync']);
  assert.equal(place.tipOf(branch).length, 64);
  assert.equal((await result(place)).proposals[0]?.action, 'up-to-date');
  merge(place.dir, branch);
  assert.equal((await result(place)).proposals[0]?.action, 'delete');
  await place.expect(0, ['render', '--check']);
});

test('from a clone of depth 1, as CI makes it, a run ends like in any other', async () => {
  await using place = await openPlace({ remote: true });
  await place.commit({ 'README.md': 'history\n' });
  place.pushMain();
  const cloned = async (name: string) => {
    place.git('clone', '--quiet', '--depth=1', `file://${place.target}`, `../${name}`);
    const { out } = await place.expect(0, ['sync', '--json'], { cwd: join(place.dir, '..', name) });
    return JSON.parse(out).proposals[0]?.action;
  };
  assert.equal(await cloned('one'), 'create');
  assert.equal(place.show('%P', place.tipOf(branch)), place.git('rev-parse', 'main'));
  assert.equal(await cloned('two'), 'up-to-date');
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  assert.equal(await cloned('three'), 'update');
  place.mergeProposal(branch);
  assert.equal(await cloned('four'), 'delete');
});

const bot = 'athenz-gitops <athenz-gitops@users.noreply.github.com>';

async function result(stage: Stage, args: readonly string[] = ['sync']): Promise<RunResult> {
  return JSON.parse((await stage.expect(0, [...args, '--json'])).out);
}
