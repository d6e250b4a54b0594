import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, merge } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { recordedCalls, recordGit } from '../support/recorded-git.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { fingerprint, gitIn, refsOf } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { sampleOf } from '../support/tier.ts';

const branch = 'athenz-gitops/main/prod';

/** Forge settings, and whether they use a remote. */
const forges = [
  ['local', 'kind: local', false],
  ['none', 'kind: none', false],
  ['local, with a remote', 'kind: local\n  remote: origin', true],
  ['none, with a remote', 'kind: none\n  remote: origin', true],
] as const;

// `none` is `local` without a message.
const sampled = ['local', 'local, with a remote', 'none, with a remote'];

for (const [name, forge, remote] of sampleOf(forges, sampled)) {
  const open = (rendered = false) => openRemoteFixture({ forge, remote, rendered });

  test(`${name}: sync creates a branch with one commit of the changed files`, async () => {
    await using fixture = await open();
    const base = fixture.git('rev-parse', 'main');
    const head = fixture.git('rev-parse', 'HEAD');
    const { out } = await fixture.expect(0, ['sync']);
    assert.match(out, new RegExp(`Created branch ${branch}: review it with git log`));
    const tip = fixture.tipOf(branch);
    assert.equal(fixture.show('%P', tip), base);
    assert.equal(fixture.show('%an <%ae> %cn <%ce>', tip), `${bot} ${bot}`);
    assert.match(fixture.show('%s', tip), /^athenz-gitops: prod: 24 grants to add \(4 namespaces\)$/);
    const names = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
    const expected = names.map((it) => `A\toutput/prod/${it}/rbac.yaml`);
    assert.deepEqual(gitIn(fixture.target, 'diff', '--name-status', base, tip).split('\n'), expected);
    // The same bytes as render writes.
    await fixture.expect(0, ['render']);
    fixture.git('add', 'output');
    assert.equal(fixture.git('write-tree'), fixture.show('%T', tip));
    assert.equal(fixture.git('rev-parse', 'HEAD'), head);
  });

  // The rest does not depend on the forge, so each runs half of it.
  if (name === 'local' || name === 'none, with a remote') {
    test(`${name}: a second run changes nothing, a merged branch is deleted`, async () => {
      await using fixture = await open();
      await fixture.expect(0, ['sync']);
      const before = refsOf(fixture.target);
      const second = await fixture.expect(0, ['sync']);
      assert.match(second.out, new RegExp(`Up to date: ${branch} \\(awaiting merge\\)\\.\n$`));
      assert.equal(refsOf(fixture.target), before);

      fixture.mergeProposal(branch);
      const { out } = await fixture.expect(0, ['sync']);
      const cleanedUp = `^No changes\\..*Deleted branch ${branch}: no longer needed\\.\n$`;
      assert.match(out, new RegExp(cleanedUp, 's'));
      assert.equal(refsOf(fixture.target), `refs/heads/main ${fixture.git('rev-parse', 'main')}`);
      const last = await fixture.expect(0, ['sync']);
      assert.doesNotMatch(last.out, /athenz-gitops\/main/);
    });
    continue;
  }

  test(`${name}: a member change rebuilds the commit on the current base`, async () => {
    await using fixture = await open(true);
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await fixture.expect(0, ['sync']);
    const first = fixture.tipOf(branch);
    await fixture.commit({ 'README.md': 'unrelated\n' });
    fixture.pushMain();
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    const { out } = await fixture.expect(0, ['sync']);
    assert.match(out, new RegExp(`Updated branch ${branch}`));
    const tip = fixture.tipOf(branch);
    assert.notEqual(tip, first);
    assert.equal(fixture.show('%P', tip), fixture.git('rev-parse', 'main'));
    assert.match(fixture.show('%b', tip), /^\+ user\.omar in search k8s_ns_admins: member of the role$/m);
    assert.doesNotMatch(fixture.show('%b', tip), /user\.nell/);
    const { plan } = await result(fixture, ['plan']);
    assert.deepEqual(
      plan.files.map((file) => `${file.action} ${file.path}`),
      ['change output/prod/search/rbac.yaml'],
    );
  });
}

test('only a base commit to proposed files rebuilds the proposal', async () => {
  await using fixture = await openRemoteFixture();
  await fixture.expect(0, ['sync']);
  const before = fixture.tipOf(branch);
  await fixture.commit({ 'README.md': 'unrelated\n' });
  assert.equal((await result(fixture)).proposals[0]?.action, 'up-to-date');
  assert.equal(fixture.tipOf(branch), before);

  // Part of the proposal reaches the base by other means.
  fixture.git('checkout', '--quiet', branch, '--', 'output/prod/search');
  await fixture.commit({}, 'Picked');
  assert.equal((await result(fixture)).proposals[0]?.action, 'update');
  assert.equal(fixture.show('%P', fixture.tipOf(branch)), fixture.git('rev-parse', 'main'));
  const changed = fixture.git('diff', '--name-only', 'main', branch).split('\n');
  assert.equal(changed.includes('output/prod/search/rbac.yaml'), false);
  assert.equal(changed.length, 5);
});

test('a proposal reverted in Athenz is deleted unmerged', async () => {
  await using fixture = await openRemoteFixture({ rendered: true });
  const state = fixture.sandbox.state();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  assert.equal((await result(fixture)).proposals[0]?.action, 'create');
  fixture.sandbox.update(() => state);
  assert.equal((await result(fixture)).proposals[0]?.action, 'delete');
  assert.doesNotMatch(refsOf(fixture.target), /athenz-gitops/);
});

test('proposes to revert a manual edit on the base', async () => {
  await using fixture = await openRemoteFixture({ rendered: true });
  const file = 'output/prod/search/rbac.yaml';
  await fixture.commit({ [file]: fixture.git('show', `main:${file}`).replaceAll('user.dara', 'user.mallory') });
  const { plan } = await result(fixture);
  assert.deepEqual(
    plan.changes.map((change) => ('subject' in change ? `${change.kind} ${change.subject.name}` : change.kind)),
    ['gain user.dara', 'gain user.dara', 'lose user.mallory', 'lose user.mallory'],
  );
  merge(fixture.dir, branch);
  assert.deepEqual((await result(fixture)).plan.changes, []);
});

test('a removed namespace proposes to delete only its file', async () => {
  await using fixture = await openRemoteFixture({ rendered: true });
  const namespaces = fixture.git('show', 'main:clusters/prod/namespaces.yaml');
  await fixture.commit({
    'clusters/prod/namespaces.yaml': namespaces.replace(/---\n.*\n.*\n.*\n {2}name: reports\n/, ''),
  });
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.git('diff', '--name-status', 'main', branch), 'D\toutput/prod/reports/rbac.yaml');
});

test('--dry-run reports the actions and writes nothing', async () => {
  await using fixture = await openRemoteFixture();
  const before = await fingerprint(fixture.dir);
  const { out } = await fixture.expect(0, ['sync', '--dry-run']);
  assert.match(out, new RegExp(`Would create branch ${branch}\\.\n$`));
  assert.deepEqual(await fingerprint(fixture.dir), before);

  await fixture.expect(0, ['sync']);
  merge(fixture.dir, branch);
  const merged = await fingerprint(fixture.dir);
  const { out: words } = await fixture.expect(0, ['sync', '--dry-run']);
  assert.match(words, new RegExp(`Would delete branch ${branch}: no longer needed\\.\n$`));
  const dry = await result(fixture, ['sync', '--dry-run']);
  assert.deepEqual([dry.dryRun, dry.proposals[0]?.action], [true, 'delete']);
  assert.deepEqual(await fingerprint(fixture.dir), merged);
});

test('sync does not touch a dirty work tree, the index or HEAD', async () => {
  await using fixture = await openRemoteFixture();
  await fixture.write({ 'README.md': 'mine\n', output: '->clusters', 'staged.txt': 'x\n' });
  fixture.git('add', 'staged.txt');
  const untouched = async () =>
    (await fingerprint(fixture.dir)).filter((it) => !/\/\.git\/(objects|(logs\/)?refs)\//.test(it));
  const before = await untouched();
  await fixture.expect(0, ['sync']);
  assert.deepEqual(await untouched(), before);
});

test('a local proposal has the pull request body as a note on its branch', async () => {
  await using fixture = await openRemoteFixture();
  await fixture.expect(0, ['sync']);
  const read = () => fixture.git('notes', `--ref=refs/notes/${branch}`, 'show', branch);
  assert.match(
    read(),
    /^athenz-gitops: prod: 24 grants to add \(4 namespaces\)\n\n\*\*Merging this changes who may do what/,
  );
  assert.match(
    read(),
    /<!-- athenz-gitops v1 \{"scope":"prod","owner":"rbac:\/athenz-gitops.yaml","base":"main","digest":"sha256:[0-9a-f]{64}".*\} -->$/,
  );
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  await fixture.expect(0, ['sync']);
  assert.match(read(), /user\.nell/);
  await fixture.editConfig((text) => text.replace('kind: local', 'kind: none'));
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.omar']);
  await fixture.expect(0, ['sync']);
  assert.equal(refsOf(fixture.dir, 'refs/notes'), '');
});

test('sync works in a sha256 repository', async () => {
  await using fixture = await openRemoteFixture({ objectFormat: 'sha256' });
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.tipOf(branch).length, 64);
  assert.equal((await result(fixture)).proposals[0]?.action, 'up-to-date');
  merge(fixture.dir, branch);
  assert.equal((await result(fixture)).proposals[0]?.action, 'delete');
  await fixture.expect(0, ['render', '--check']);
});

test('sync works from a clone of depth 1', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.commit({ 'README.md': 'history\n' });
  fixture.pushMain();
  const cloned = async (name: string) => {
    fixture.git('clone', '--quiet', '--depth=1', `file://${fixture.target}`, `../${name}`);
    const { out } = await fixture.expect(0, ['sync', '--json'], { cwd: join(fixture.dir, '..', name) });
    return JSON.parse(out).proposals[0]?.action;
  };
  assert.equal(await cloned('one'), 'create');
  assert.equal(fixture.show('%P', fixture.tipOf(branch)), fixture.git('rev-parse', 'main'));
  assert.equal(await cloned('two'), 'up-to-date');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  assert.equal(await cloned('three'), 'update');
  fixture.mergeProposal(branch);
  assert.equal(await cloned('four'), 'delete');
});

const bot = 'athenz-gitops <athenz-gitops@users.noreply.github.com>';

async function result(fixture: Fixture, args: readonly string[] = ['sync']): Promise<RunResult> {
  return JSON.parse((await fixture.expect(0, [...args, '--json'])).out);
}

test('a sync with nothing to do starts each git once', async () => {
  await using fixture = await openRemoteFixture({ rendered: true });
  await using folder = await makeFolder();
  await fixture.expect(0, ['sync'], { env: await recordGit(folder.dir) });
  const commands = (await recordedCalls(folder.dir)).map(({ args }) => args[0]).sort();
  assert.deepEqual(commands, ['cat-file', 'for-each-ref', 'grep', 'ls-tree', 'rev-parse', 'version']);
});
