import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import { fingerprint, makeRepository, refsOf } from '../support/repository.ts';
import { merge, openStage, type Stage, type StageOptions } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';

/** A stage, and the repository that its proposals end up in. */
interface Place extends Stage {
  readonly target: string;
}

/** Where a proposal goes, and what `forge` says for it. */
const places = [
  ['local', 'kind: local', false],
  ['none', 'kind: none', false],
  ['local, with a remote', 'kind: local\n  remote: origin', true],
  ['none, with a remote', 'kind: none\n  remote: origin', true],
] as const;

for (const [name, forge, remote] of places) {
  const open = (rendered = false) =>
    openPlace({ rendered, config: (text) => text.replace('kind: local', forge) }, remote);

  test(`${name}: one commit on one branch with the changed files alone, nothing on a second run, and the branch goes once merged`, async () => {
    await using place = await open();
    const base = place.git('rev-parse', 'main');
    const head = place.git('rev-parse', 'HEAD');
    const { out } = await place.expect(0, ['sync']);
    assert.match(out, new RegExp(`Proposed as ${branch}: look at it with git log`));
    const tip = tipOf(place);
    assert.equal(show(place, '%P', tip), base);
    assert.equal(show(place, '%an <%ae> %cn <%ce>', tip), `${bot} ${bot}`);
    assert.match(show(place, '%s', tip), /^athenz-gitops: prod: 24 gain access \(4 namespaces\)$/);
    const names = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
    const expected = names.map((it) => `A\toutput/prod/${it}/rbac.yaml`);
    assert.deepEqual(place.git('-C', place.target, 'diff', '--name-status', base, tip).split('\n'), expected);
    // The same bytes as in a work tree.
    await place.expect(0, ['render']);
    place.git('add', 'output');
    assert.equal(place.git('write-tree'), show(place, '%T', tip));
    assert.equal(place.git('rev-parse', 'HEAD'), head);
    place.git('reset', '--quiet', '--hard');

    // A second run does nothing, nor does one after the merge but take the branch away.
    const before = refsOf(place.target);
    const second = await place.expect(0, ['sync']);
    assert.match(second.out, new RegExp(`Proposed already as ${branch}, waiting to be merged\\.\n$`));
    assert.equal(refsOf(place.target), before);

    mergeProposal(place);
    const merged = await place.expect(0, ['sync']);
    assert.match(
      merged.out,
      new RegExp(`^Nothing to change.*Took ${branch} away: it is not needed any more\\.\n$`, 's'),
    );
    assert.equal(refsOf(place.target), `refs/heads/main ${place.git('rev-parse', 'main')}`);
    const last = await place.expect(0, ['sync']);
    assert.doesNotMatch(last.out, /athenz-gitops\/main/);
  });

  if (forge.startsWith('kind: none')) continue;
  test(`${name}: a change of members is proposed anew, as one commit on the base of now`, async () => {
    await using place = await open(true);
    place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    await place.expect(0, ['sync']);
    const first = tipOf(place);
    await place.commit({ 'README.md': 'unrelated\n' });
    pushMain(place);
    place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    const { out } = await place.expect(0, ['sync']);
    assert.match(out, new RegExp(`Proposed anew as ${branch}`));
    const tip = tipOf(place);
    assert.notEqual(tip, first);
    assert.equal(show(place, '%P', tip), place.git('rev-parse', 'main'));
    assert.match(show(place, '%b', tip), /^\+ user\.omar in search k8s_ns_admins: member of the role$/m);
    assert.doesNotMatch(show(place, '%b', tip), /user\.nell/);
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
  const before = tipOf(place);
  await place.commit({ 'README.md': 'unrelated\n' });
  assert.equal((await result(place)).proposals[0]?.action, 'up-to-date');
  assert.equal(tipOf(place), before);

  // Half of the proposal is merged by other means.
  place.git('checkout', '--quiet', branch, '--', 'output/prod/search');
  await place.commit({}, 'Picked');
  assert.equal((await result(place)).proposals[0]?.action, 'update');
  assert.equal(show(place, '%P', tipOf(place)), place.git('rev-parse', 'main'));
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
  assert.equal(tipOf(place).length, 64);
  assert.equal((await result(place)).proposals[0]?.action, 'up-to-date');
  merge(place.dir, branch);
  assert.equal((await result(place)).proposals[0]?.action, 'delete');
  await place.expect(0, ['render', '--check']);
});

test('from a clone of depth 1, as CI makes it, a run ends like in any other', async () => {
  await using place = await openPlace(
    { config: (text) => text.replace('kind: local', 'kind: local\n  remote: origin') },
    true,
  );
  await place.commit({ 'README.md': 'history\n' });
  pushMain(place);
  const cloned = async (name: string) => {
    place.git('clone', '--quiet', '--depth=1', `file://${place.target}`, `../${name}`);
    const { out } = await place.expect(0, ['sync', '--json'], { cwd: join(place.dir, '..', name) });
    return JSON.parse(out).proposals[0]?.action;
  };
  assert.equal(await cloned('one'), 'create');
  assert.equal(show(place, '%P', tipOf(place)), place.git('rev-parse', 'main'));
  assert.equal(await cloned('two'), 'up-to-date');
  place.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  assert.equal(await cloned('three'), 'update');
  mergeProposal(place);
  assert.equal(await cloned('four'), 'delete');
});

const bot = 'athenz-gitops <athenz-gitops@users.noreply.github.com>';

async function openPlace(options: StageOptions = {}, withRemote = false): Promise<Place> {
  const stage = await openStage(options);
  if (!withRemote) return { ...stage, target: stage.dir };
  const bare = await makeRepository({ bare: true });
  stage.git('remote', 'add', 'origin', bare.dir);
  const place: Place = {
    ...stage,
    target: bare.dir,
    async [Symbol.asyncDispose]() {
      await bare[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
  pushMain(place);
  return place;
}

function tipOf({ git, target }: Place): string {
  return git('-C', target, 'rev-parse', branch);
}

function show({ git, target }: Place, format: string, commit: string): string {
  return git('-C', target, 'log', '-1', `--format=${format}`, commit);
}

function mergeProposal(place: Place): void {
  if (place.target !== place.dir) place.git('fetch', '--quiet', 'origin');
  merge(place.dir, tipOf(place));
  pushMain(place);
}

function pushMain({ git, target, dir }: Place): void {
  if (target !== dir) git('push', '--quiet', 'origin', 'main');
}

async function result(stage: Stage, args: readonly string[] = ['sync']): Promise<RunResult> {
  return JSON.parse((await stage.expect(0, [...args, '--json'])).out);
}
