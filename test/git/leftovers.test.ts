import assert from 'node:assert/strict';
import { access, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { clearLeftovers } from '../../src/git/leftovers.ts';
import { openRepository } from '../../src/git/repository.ts';
import { gitEnv, makeRepository, type TestRepository } from '../support/repository.ts';

const now = Date.parse('2031-01-01T00:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

const ours = [
  'refs/heads/athenz-gitops/main/prod.lock',
  'refs/heads/athenz-gitops/other/a/b.lock',
  'refs/notes/athenz-gitops/main/prod.lock',
  'refs/remotes/origin/athenz-gitops/main/prod.lock',
  'refs/remotes/origin/main.lock',
];
const anybodys = ['packed-refs.lock', 'packed-refs.new', 'shallow.lock'];
const others = [
  'index.lock',
  'packed-refs',
  'HEAD.lock',
  'config.lock',
  'refs/heads/main.lock',
  'refs/heads/athenz-gitops.lock',
  'refs/heads/athenz-gitopsy/x.lock',
  'refs/heads/athenz-gitops/main/lock',
  'refs/notes/commits.lock',
  'refs/remotes/origin/feature.lock',
  'refs/remotes/fork/athenz-gitops/main/prod.lock',
  'athenz-gitops/main/prod.lock',
];
const report = (ref: string) => `fast-import crash report:\n  * commit ${ref}\n`;

const table: readonly (readonly [name: string, age: number, gone: readonly string[]])[] = [
  ['at work', 0, []],
  ['as long as a slow git may take', minute - 1, []],
  ['longer than any git takes for a ref of ours', minute + 1, [...ours, 'fast_import_crash_1']],
  ['not yet as long as somebody else’s git might take', 10 * minute - 1, [...ours, 'fast_import_crash_1']],
  ['longer than that', 10 * minute + 1, [...ours, ...anybodys, 'fast_import_crash_1']],
  ['since a time to come', -hour, []],
];
for (const [name, age, gone] of table) {
  test(`of lock files that were there ${name}, exactly those that may be taken away are`, async () => {
    await using repository = await makeRepository();
    const files = {
      ...Object.fromEntries([...ours, ...anybodys, ...others].map((path) => [path, ''])),
      fast_import_crash_1: report('refs/athenz-gitops/tmp/5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11'),
      fast_import_crash_2: report('refs/heads/imported'),
    };
    await leave(repository, files, now - age);
    const removed = await clearLeftovers({ gitDir: gitDir(repository), base: 'main', remote: 'origin' }, now);
    assert.deepEqual([...removed].sort(), gone.map((path) => join(gitDir(repository), path)).sort());
    for (const path of Object.keys(files)) {
      const there = await exists(join(gitDir(repository), path));
      assert.equal(there, !gone.includes(path), path);
    }
  });
}

test('without a remote, what belongs to remotes is nobody’s business here', async () => {
  await using repository = await makeRepository();
  await leave(repository, Object.fromEntries([...ours, ...anybodys].map((path) => [path, ''])), now - 2 * hour);
  const removed = await clearLeftovers({ gitDir: gitDir(repository), base: 'main', remote: null }, now);
  assert.equal(removed.length, ours.length + anybodys.length - 2);
  assert.ok(removed.every((file) => !file.includes('/remotes/')));
});

test('names of the config lead to no file outside of the repository', async () => {
  await using repository = await makeRepository();
  await leave(repository, { '../athenz-gitops/a.lock': '', '../b.lock': '' }, now - 2 * hour);
  for (const remote of ['../../..', 'x/../../../..']) {
    const place = { gitDir: gitDir(repository), base: 'b', remote };
    assert.deepEqual(await clearLeftovers(place, now), []);
  }
});

test('the locks of a linked work tree are where the refs are', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: '1' });
  const linked = join(repository.dir, '..', 'linked');
  repository.git('worktree', 'add', '--quiet', '-b', 'x', linked);
  for (const dir of [repository.dir, linked]) {
    assert.equal((await openRepository(dir, gitEnv)).gitDir, gitDir(repository));
  }
});

function gitDir({ dir }: TestRepository): string {
  return join(dir, '.git');
}

/** Writes files below `.git`, last changed at a time. */
async function leave(repository: TestRepository, files: Readonly<Record<string, string>>, at: number): Promise<void> {
  await repository.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`.git/${path}`, text])));
  for (const path of Object.keys(files)) await utimes(join(gitDir(repository), path), at / 1000, at / 1000);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
