import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generators } from '../../src/generators/list.ts';
import { toy } from '../generators/toy.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitIn } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

// Files that a generator commits to a branch of their own: the covers of the toy.

const both = { generators: async () => [...generators, toy] };
const proposed = 'athenz-gitops/main/toy@+athenz-gitops_yaml.prod';

async function prepare(fixture: Fixture): Promise<void> {
  await fixture.editConfig((text) => `${text}\ntoy: {folder: mottos, motto: motto.txt, covers: covers}\n`);
  await fixture.commit({ 'motto.txt': 'festina lente' }, 'Motto');
}

async function json(fixture: Fixture, code: number, ...args: readonly string[]): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, [...args, '--json'], both)).out);
}

const actionsOf = ({ proposals }: RunResult) =>
  proposals.filter(({ action }) => action !== 'none').map(({ scope, action, branch }) => [scope, action, branch]);
const filesOn = (dir: string, ref: string) => gitIn(dir, 'ls-tree', '-r', '--name-only', ref).split('\n');

test('files of a branch are committed to it, and proposed nowhere else', async () => {
  await using fixture = await openFixture({ rendered: true });
  await prepare(fixture);
  const { dir } = fixture;
  assert.match((await fixture.expect(0, ['sync', '--dry-run'], both)).out, /^Would commit to branch covers\.$/m);
  const { out } = await fixture.expect(0, ['sync'], both);
  assert.match(out, /^Committed to branch covers: review it with git show [0-9a-f]{12}$/m);
  assert.deepEqual(filesOn(dir, 'covers'), ['mottos/prod/cover.yaml']);
  assert.equal(filesOn(dir, proposed).includes('mottos/prod/cover.yaml'), false);
  assert.match(gitIn(dir, 'log', '-1', '--format=%B', 'covers'), /^Athenz-Gitops-Owner: toy:/m);

  merge(dir, proposed);
  const tip = gitIn(dir, 'rev-parse', 'covers');
  assert.deepEqual(actionsOf(await json(fixture, 0, 'sync')), [['prod', 'delete', proposed]]);
  await fixture.expect(0, ['plan', '--exit-code'], both);
  assert.equal(gitIn(dir, 'rev-parse', 'covers'), tip);
  // The work tree is of the base.
  await fixture.expect(0, ['render'], both);
  assert.equal(existsSync(join(dir, 'mottos/prod/cover.yaml')), false);
  await fixture.expect(0, ['render', '--check'], both);
});

test('what others have on the branch stays, and a branch that is checked out is left alone', async () => {
  await using fixture = await openFixture({ rendered: true });
  await prepare(fixture);
  const { dir } = fixture;
  await fixture.expect(0, ['sync'], both);
  const cover = gitIn(dir, 'show', 'covers:mottos/prod/cover.yaml');
  const linked = join(dir, '..', 'linked');
  gitIn(dir, 'worktree', 'add', '--quiet', linked, 'covers');
  await writeFile(join(linked, 'README.md'), 'Covers');
  await rm(join(linked, 'mottos'), { recursive: true });
  gitIn(linked, 'add', '--all');
  gitIn(linked, 'commit', '--quiet', '--message', 'By hand');
  const failed = await fixture.expect(1, ['sync'], both);
  assert.match(
    failed.out,
    /Failed to propose covers: it is checked out in .*linked\. Next: check out another branch there\./,
  );

  gitIn(dir, 'worktree', 'remove', linked);
  await fixture.expect(0, ['sync'], both);
  assert.deepEqual(filesOn(dir, 'covers'), ['README.md', 'mottos/prod/cover.yaml']);
  assert.equal(gitIn(dir, 'show', 'covers:mottos/prod/cover.yaml'), cover);
  assert.equal(gitIn(dir, 'log', '--format=%an %s', 'covers').split('\n').length, 3);
});

for (const [branch, why] of [
  ['main', 'the base'],
  ['Main', 'the base'],
  ['main/covers', 'which git cannot have beside main'],
  ['HEAD', 'which git takes for what is checked out'],
  ['athenz-gitops/main/x', 'a branch of proposals'],
  ['Athenz-GitOps', 'a branch of proposals'],
  ['a..b', 'is not a branch name'],
] as const) {
  test(`refuses to commit to ${branch}`, async () => {
    await using fixture = await openFixture({ rendered: true });
    await fixture.editConfig((text) => `${text}\ntoy: {folder: mottos, motto: motto.txt, covers: "${branch}"}\n`);
    await fixture.commit({ 'motto.txt': 'festina lente' }, 'Motto');
    for (const command of ['plan', 'sync']) {
      const { err } = await fixture.expect(2, [command], both);
      assert.match(err, new RegExp(`CONFIG_INVALID.*${why}`));
    }
  });
}

test('the branch of a remote is fetched, and pushed under a lease', async () => {
  await using fixture = await openRemoteFixture({ remote: true, rendered: true });
  await prepare(fixture);
  fixture.pushMain();
  await fixture.expect(0, ['sync'], both);
  const { target, dir } = fixture;
  assert.deepEqual(filesOn(target, 'covers'), ['mottos/prod/cover.yaml']);
  // Others have names that begin alike.
  gitIn(target, 'branch', 'covers-of-others', 'covers');
  assert.deepEqual(
    actionsOf(await json(fixture, 0, 'sync')).map(([, action]) => action),
    ['up-to-date'],
  );
  // Somebody deletes it: a run makes it again, whatever this clone remembers.
  gitIn(target, 'update-ref', '-d', 'refs/heads/covers');
  assert.deepEqual(
    actionsOf(await json(fixture, 0, 'sync')).map(([, action]) => action),
    ['up-to-date', 'commit'],
  );
  assert.deepEqual(filesOn(target, 'covers'), ['mottos/prod/cover.yaml']);
  assert.equal(gitIn(dir, 'branch', '--list', 'covers'), '');
  const known = gitIn(dir, 'for-each-ref', '--format=%(refname)', 'refs/remotes/origin').split('\n');
  assert.equal(known.includes('refs/remotes/origin/covers-of-others'), false);
  // What is remembered below it stands in its way.
  gitIn(target, 'update-ref', '-d', 'refs/heads/covers');
  gitIn(dir, 'update-ref', '-d', 'refs/remotes/origin/covers');
  gitIn(dir, 'update-ref', 'refs/remotes/origin/covers/former', 'HEAD');
  for (const actions of [['up-to-date', 'commit'], ['up-to-date']]) {
    const told = actionsOf(await json(fixture, 0, 'sync')).map(([, action]) => action);
    assert.deepEqual(told, actions);
  }
});

test('a branch that cannot be fetched is unread, and holds up no other generator', async () => {
  await using fixture = await openRemoteFixture({ remote: true, rendered: true });
  await prepare(fixture);
  fixture.pushMain();
  const { target } = fixture;
  await writeFile(join(target, 'lost.txt'), 'lost');
  const blob = gitIn(target, 'hash-object', '-w', 'lost.txt');
  gitIn(target, 'update-index', '--add', '--cacheinfo', `100644,${blob},lost.txt`);
  const commit = gitIn(target, 'commit-tree', gitIn(target, 'write-tree'), '-m', 'Lost');
  gitIn(target, 'update-ref', 'refs/heads/covers', commit);
  await rm(join(target, 'objects', blob.slice(0, 2), blob.slice(2)));
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
  const { out } = await fixture.expect(3, ['sync'], both);
  assert.match(out, /fetching covers from origin/);
  assert.match(out, /^Created branch athenz-gitops\/main\/prod: /m);
  assert.equal(gitIn(target, 'rev-parse', 'covers'), commit);
});

test('a branch of another base, or of another config, is left alone, and the rest goes on', async () => {
  await using fixture = await openFixture({ rendered: true });
  await prepare(fixture);
  const { dir } = fixture;
  await fixture.expect(0, ['sync'], both);
  const tip = gitIn(dir, 'rev-parse', 'covers');
  // The same config on another base, whose covers those are not.
  gitIn(dir, 'checkout', '--quiet', '-b', 'staging');
  await fixture.editConfig((text) => text.replace(/^forge:/m, 'forge:\n  base: staging'));
  await fixture.commit({ 'motto.txt': 'carpe diem' }, 'Staging');
  const { out } = await fixture.expect(4, ['sync'], both);
  assert.match(out, /^held: toy: committing to covers: it is of toy:\S+ \(direct main\);.* \(OUTPUT_BRANCH\)$/m);
  assert.equal(gitIn(dir, 'rev-parse', 'covers'), tip);
});
