import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gitFailed } from '../../src/git/failure.ts';
import { fetchBase } from '../../src/git/fetch.ts';
import { findRepository, openRepository } from '../../src/git/repository.ts';
import { AppError } from '../../src/model/error.ts';
import { writeGit } from '../support/git-wrapper.ts';
import { gitEnv, gitIn, makeRepository, refsOf, type TestRepository } from '../support/repository.ts';

for (const objectFormat of ['sha1', 'sha256'] as const) {
  test(`a subfolder opens its repository with root and object format (${objectFormat})`, async () => {
    await using repository = await makeRepository({ objectFormat });
    const below = join(repository.dir, 'a', 'b');
    await mkdir(below, { recursive: true });
    const found = await openRepository(below, gitEnv);
    assert.deepEqual([found.root, found.objectFormat], [repository.dir, objectFormat]);
  });
}

test('a linked work tree is its own root', async () => {
  await using repository = await makeRepository();
  const commit = await repository.commit({ a: '1' });
  const worktree = join(repository.dir, '..', 'linked');
  repository.git('worktree', 'add', '--quiet', '-b', 'x', worktree);
  const { root, git } = await openRepository(worktree, gitEnv);
  assert.equal(root, worktree);
  assert.deepEqual((await fetchBase(git, 'main', null)).base, { commit, branch: 'main' });
});

test('a folder outside of any repository is named with a next step', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-none-'));
  try {
    assert.equal(await findRepository(dir, gitEnv), undefined);
    const error = await failure(openRepository(dir, gitEnv));
    assert.equal(error.code, 'GIT_NOT_A_REPOSITORY');
    assert.ok(error.message.includes(dir));
    assert.match(error.next ?? '', /git init/);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('a bare repository has no work tree and is not opened', async () => {
  await using bare = await makeRepository({ bare: true });
  const error = await failure(openRepository(bare.dir, gitEnv));
  assert.equal(error.code, 'GIT_NOT_A_REPOSITORY');
  assert.match(error.message, /no \.git in it or above it/);
});

/** Files that make git take a folder for a bare repository; it obeys their `config`. */
const bareFiles = { HEAD: 'ref: refs/heads/main\n', config: '[core]\n\tbare = true\n', 'objects/x': '', 'refs/x': '' };

test('a folder of a commit that looks like a bare repository is not opened as one', async () => {
  await using repository = await makeRepository();
  await repository.write(Object.fromEntries(Object.entries(bareFiles).map(([path, text]) => [`a/${path}`, text])));
  const commit = await repository.commit({ 'a/b/config.yaml': '' });
  for (const folder of ['a', 'a/b', 'a/objects']) {
    const { root, git } = await openRepository(join(repository.dir, folder), gitEnv);
    assert.equal(root, repository.dir, folder);
    assert.equal((await git.run('reading', 'rev-parse', 'main')).trim(), commit);
  }
});

test('a .git that is no repository is passed over', async () => {
  await using repository = await makeRepository();
  await mkdir(join(repository.dir, 'a', '.git'), { recursive: true });
  assert.equal((await openRepository(join(repository.dir, 'a'), gitEnv)).root, repository.dir);
});

test('a repository of another owner is refused with the message of git', async () => {
  await using repository = await makeRepository();
  await repository.commit({ 'a/config.yaml': '' });
  // As git itself tests it.
  const env = await withGit(repository, 'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "$REAL_GIT" "$@"');
  for (const open of [openRepository, findRepository]) {
    const error = await failure(open(join(repository.dir, 'a'), env));
    assert.equal(error.code, 'GIT_FAILED');
    assert.match(error.message, /dubious ownership/);
  }
});

for (const [said, tooOld] of [
  ['git version 2.37.7', true],
  ['git version 1.99.0', true],
  ['git version 2.38.0', false],
  ['git version 2.39.5 (Apple Git-154)', false],
  ['git version 3.0.0.windows.1', false],
] as const) {
  test(`${said} is ${tooOld ? 'refused' : 'accepted'}`, async () => {
    await using repository = await makeRepository();
    const env = await withGit(repository, `[ "$1" = version ] && exec echo '${said}'; exec "$REAL_GIT" "$@"`);
    const opened = openRepository(repository.dir, env);
    if (!tooOld) return assert.equal((await opened).root, repository.dir);
    const error = await failure(opened);
    assert.equal(error.code, 'GIT_TOO_OLD');
    assert.equal(error.message, `${said} is too old: 2.38 is needed`);
  });
}

/** An environment whose git is this script; `$REAL_GIT` is the real one. */
async function withGit({ dir }: TestRepository, script: string): Promise<NodeJS.ProcessEnv> {
  const own = join(dir, '.git', 'own');
  await writeGit(own, script);
  return { ...gitEnv, PATH: `${own}:${gitEnv['PATH']}` };
}

test('without a remote the base is the local branch', async () => {
  await using repository = await makeRepository();
  const commit = await repository.commit({ a: '1' });
  // Neither the checked out branch nor a tag of the same name is the base.
  repository.git('switch', '--quiet', '--create', 'feature');
  await repository.commit({ a: '2' });
  repository.git('tag', 'main');
  assert.deepEqual((await fetchBase(repository.own, 'main', null)).base, { commit, branch: 'main' });
});

test('with a remote the base is the current tip of the remote branch', async () => {
  await using upstream = await makeRepository();
  await using repository = await makeRepository();
  await upstream.commit({ a: '1' });
  repository.git('remote', 'add', 'origin', upstream.dir);
  await repository.commit({ unrelated: 'x' });
  const { base: first } = await fetchBase(repository.own, 'main', 'origin');
  assert.equal(first.commit, upstream.git('rev-parse', 'main'));
  // Not a fast-forward.
  upstream.git('commit', '--quiet', '--amend', '--message=Rewritten');
  assert.equal((await fetchBase(repository.own, 'main', 'origin')).base.commit, upstream.git('rev-parse', 'main'));
});

test('a fetch updates and prunes bot branches and notes, and no other refs', async () => {
  await using upstream = await makeRepository();
  await using repository = await makeRepository();
  const commit = await upstream.commit({ a: '1' });
  const shared = ['refs/heads/athenz-gitops/main/prod', 'refs/notes/athenz-gitops/main/prod'];
  for (const ref of [...shared, 'refs/heads/feature', 'refs/heads/athenz-gitops/other/prod', 'refs/tags/v1']) {
    upstream.git('update-ref', ref, commit);
  }
  repository.git('remote', 'add', 'origin', upstream.dir);
  const own = await repository.commit({ own: '1' });
  repository.git('update-ref', 'refs/remotes/origin/feature', own);
  const before = refsOf(repository.dir);
  await fetchBase(repository.own, 'main', 'origin');
  const expected = [
    `refs/heads/main ${own}`,
    `refs/notes/athenz-gitops/main/prod ${commit}`,
    `refs/remotes/origin/athenz-gitops/main/prod ${commit}`,
    `refs/remotes/origin/feature ${own}`,
    `refs/remotes/origin/main ${commit}`,
  ].join('\n');
  assert.equal(refsOf(repository.dir), expected);
  assert.equal(existsSync(join(repository.dir, '.git', 'FETCH_HEAD')), false);
  for (const ref of shared) upstream.git('update-ref', '-d', ref);
  await fetchBase(repository.own, 'main', 'origin');
  assert.equal(refsOf(repository.dir), `${before}\nrefs/remotes/origin/main ${commit}`);
  assert.equal(repository.git('status', '--porcelain'), '');
});

test('a concurrent fetch in the same clone is harmless', async () => {
  await using upstream = await makeRepository();
  await using repository = await makeRepository();
  repository.git('remote', 'add', 'origin', upstream.dir);
  await upstream.commit({ a: '1' });
  await fetchBase(repository.own, 'main', 'origin');
  const now = await upstream.commit({ a: '2' });
  // A second fetch completes while the remote packs objects for the first.
  const hook = join(repository.dir, 'faster');
  const other = `env -u GIT_DIR git -C '${repository.dir}' fetch --quiet origin main >&2`;
  await repository.write({
    faster: `+x #!/bin/sh\n[ -e '${hook}.done' ] || { : > '${hook}.done'; ${other}; }\nexec "$@"\n`,
  });
  await repository.write({ global: `[uploadpack]\n  packObjectsHook = ${hook}\n` });
  const env = { ...gitEnv, GIT_CONFIG_GLOBAL: join(repository.dir, 'global') };
  const { git } = await openRepository(repository.dir, env);
  assert.equal((await fetchBase(git, 'main', 'origin')).base.commit, now);
  assert.equal(existsSync(`${hook}.done`), true);
});

test('a repository without commits is GIT_NO_COMMITS', async () => {
  await using repository = await makeRepository();
  const error = await failure(fetchBase(repository.own, 'main', null));
  assert.equal(error.code, 'GIT_NO_COMMITS');
  assert.match(error.next ?? '', /commit/);
});

test('a missing base is GIT_BASE_NOT_FOUND, locally and on the remote', async () => {
  await using upstream = await makeRepository();
  await using repository = await makeRepository();
  await repository.commit({ a: '1' });
  repository.git('remote', 'add', 'origin', upstream.dir);
  for (const [base, remote] of [
    ['trunk', null],
    ['HEAD', null],
    ['refs/heads/main', null],
    ['main', 'origin'],
  ] as const) {
    const error = await failure(fetchBase(repository.own, base, remote));
    assert.equal(error.code, 'GIT_BASE_NOT_FOUND', base);
    assert.ok(error.message.includes(base) && error.next?.includes('forge.base'), error.message);
  }
  await upstream.commit({ a: '1' });
  assert.equal((await failure(fetchBase(repository.own, 'trunk', 'origin'))).code, 'GIT_BASE_NOT_FOUND');
});

test('an unreadable remote is an error, even with a local copy of the base', async () => {
  await using repository = await makeRepository();
  const commit = await repository.commit({ a: '1' });
  repository.git('update-ref', 'refs/remotes/origin/main', commit);
  repository.git('remote', 'add', 'origin', join(repository.dir, 'nowhere'));
  for (const [remote, message] of [
    ['origin', /^fetching main from origin: fatal: /],
    ['upstream', /^the repository has no remote upstream$/],
  ] as const) {
    const error = await failure(fetchBase(repository.own, 'main', remote));
    assert.equal(error.code, 'GIT_FAILED');
    assert.match(error.message, message);
    assert.match(error.next ?? '', /forge\.remote/);
  }
});

const badNames = [
  '-x',
  '--upload-pack=touch x',
  'a..b',
  'a b',
  'a:b',
  'a^',
  '@{-1}',
  'a.lock',
  '/a',
  'a/',
  '',
  '*',
  'a\n',
];

test('an invalid base name is CONFIG_INVALID and nothing is fetched', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: '1' });
  repository.git('remote', 'add', 'origin', repository.dir);
  const refs = refsOf(repository.dir);
  for (const base of badNames) {
    const error = await failure(fetchBase(repository.own, base, 'origin'));
    assert.equal(error.code, 'CONFIG_INVALID', base);
    assert.match(error.next ?? '', /forge\.base/);
  }
  assert.equal(refsOf(repository.dir), refs);
});

const messages: readonly (readonly [stderr: string, redacted: string])[] = [
  [
    "fatal: unable to access 'https://user:s3cret@host/x.git/': no",
    "fatal: unable to access 'https://***@host/x.git/': no",
  ],
  ['https://s3cret@host https://a:s3cret@b', 'https://***@host https://***@b'],
  ['https://user:s3@cret@host/x', 'https://***@host/x'],
  ['git+ssh://user:s3cret@host:22/x', 'git+ssh://***@host:22/x'],
  ['pat@example.com in https://host/x@y', 'pat@example.com in https://host/x@y'],
];
for (const [stderr, redacted] of messages) {
  test(`redacts passwords: ${redacted}`, () => {
    const error = gitFailed('fetching', stderr);
    assert.equal(error.message, `fetching: ${redacted}`);
    assert.equal(error.cause, undefined);
  });
}

test('a password in a remote URL is in no error, even with GIT_TRACE', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: '1' });
  repository.git('remote', 'add', 'origin', 'https://user:s3cret@127.0.0.1:1/x.git');
  const { git } = await openRepository(repository.dir, { ...gitEnv, GIT_TRACE: '1' });
  const error = await failure(fetchBase(git, 'main', 'origin'));
  assert.match(error.message, /127\.0\.0\.1:1/);
  for (let at: unknown = error; at instanceof Error; at = at.cause) assert.doesNotMatch(`${at.stack}`, /s3cret/);
});

test('a symlink to a repository resolves to its target', async () => {
  await using repository = await makeRepository();
  const link = join(repository.dir, '..', 'link');
  await symlink(repository.dir, link);
  assert.equal((await openRepository(link, gitEnv)).root, repository.dir);
  assert.equal(gitIn(link, 'rev-parse', '--show-toplevel'), repository.dir);
});

async function failure(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
