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
const shared = ['packed-refs.lock', 'packed-refs.new', 'shallow.lock'];
const foreign = [
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
/** As git 2.39 writes it where a stream has ended too early. */
const early = (commands: string) =>
  `\nfatal: stream ends early\n\nMost Recent Commands Before Crash\n${'-'.repeat(33)}\n${commands}\nActive Branch LRU\n`;
const reports = ['fast_import_crash_1', 'fast_import_crash_3', 'fast_import_crash_5'];

const table: readonly (readonly [what: string, age: number, expected: readonly string[]])[] = [
  ['just created', 0, []],
  ['just under 1 minute old', minute - 1, []],
  ['just over 1 minute old', minute + 1, [...ours, ...reports]],
  ['just under 10 minutes old', 10 * minute - 1, [...ours, ...reports]],
  ['just over 10 minutes old', 10 * minute + 1, [...ours, ...shared, ...reports]],
  ['from the future', -hour, []],
];
for (const [what, age, expected] of table) {
  test(`removes only expired lock files: ${what}`, async () => {
    await using repository = await makeRepository();
    const files = {
      ...Object.fromEntries([...ours, ...shared, ...foreign].map((path) => [path, ''])),
      fast_import_crash_1: report('refs/athenz-gitops/tmp/5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11'),
      fast_import_crash_2: report('refs/heads/imported'),
      fast_import_crash_3: early(''),
      fast_import_crash_4: early('* reset refs/heads/imported\n'),
      fast_import_crash_5: early('* feature done\n'),
    };
    await writeLocks(repository, files, now - age);
    const removed = await clearLeftovers({ gitDir: gitDir(repository), base: 'main', remote: 'origin' }, now);
    assert.deepEqual([...removed].sort(), expected.map((path) => join(gitDir(repository), path)).sort());
    for (const path of Object.keys(files)) {
      const there = await exists(join(gitDir(repository), path));
      assert.equal(there, !expected.includes(path), path);
    }
  });
}

test('without a remote, lock files of remote refs are kept', async () => {
  await using repository = await makeRepository();
  await writeLocks(repository, Object.fromEntries([...ours, ...shared].map((path) => [path, ''])), now - 2 * hour);
  const removed = await clearLeftovers({ gitDir: gitDir(repository), base: 'main', remote: null }, now);
  assert.equal(removed.length, ours.length + shared.length - 2);
  assert.ok(removed.every((file) => !file.includes('/remotes/')));
});

test('names in the config cannot escape the git directory', async () => {
  await using repository = await makeRepository();
  await writeLocks(repository, { '../athenz-gitops/a.lock': '', '../b.lock': '' }, now - 2 * hour);
  for (const remote of ['../../..', 'x/../../../..']) {
    const place = { gitDir: gitDir(repository), base: 'b', remote };
    assert.deepEqual(await clearLeftovers(place, now), []);
  }
});

test('a linked work tree uses the git directory of its repository', async () => {
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

/** Writes files below `.git` with this modification time. */
async function writeLocks(
  repository: TestRepository,
  files: Readonly<Record<string, string>>,
  at: number,
): Promise<void> {
  await repository.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`.git/${path}`, text])));
  for (const path of Object.keys(files)) await utimes(join(gitDir(repository), path), at / 1000, at / 1000);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
