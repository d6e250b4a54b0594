import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommitRequest, writeCommit } from '../../src/git/commit.ts';
import { commitTree } from '../../src/git/commit-tree.ts';
import { openGit } from '../../src/git/git.ts';
import { writeGit } from '../support/git-wrapper.ts';
import { fingerprint, gitEnv, makeRepository, refsOf, type TestRepository } from '../support/repository.ts';

const bot = { name: 'athenz-gitops', email: 'bot@example.com' };
const when = Date.parse('2026-11-21T10:20:30.456Z');

for (const objectFormat of ['sha1', 'sha256'] as const) {
  test(`a commit has the requested parent, author, time, message and files (${objectFormat})`, async () => {
    await using repository = await makeRepository({ objectFormat });
    const base = await repository.commit({ 'a.yaml': 'old\n', 'b.yaml': 'stays\n', 'c/d.yaml': 'goes\n' });
    const message = 'Subject\n\nBody – with ünïcode\n\nAthenz-Gitops-Scope: prod\nAthenz-Gitops-Base: x\n';
    const files = [{ path: 'a.yaml', text: 'new ü\n' }, { path: 'c/d.yaml' }, { path: 'e/f.yaml', text: '' }];
    const { commit } = await writeCommit(repository.own, request({ base, message, files }));
    const head = repository.git('cat-file', 'commit', commit).split('\n\n')[0]?.split('\n') ?? [];
    assert.deepEqual(head.slice(1), [
      `parent ${base}`,
      'author athenz-gitops <bot@example.com> 1795256430 +0000',
      'committer athenz-gitops <bot@example.com> 1795256430 +0000',
    ]);
    assert.equal(repository.git('log', '-1', '--format=%B', commit), message);
    assert.equal(
      repository.git('log', '-1', '--format=%(trailers:key=Athenz-Gitops-Scope,valueonly)', commit),
      'prod\n',
    );
    assert.deepEqual(repository.git('diff', '--name-status', '--no-renames', base, commit).split('\n'), [
      'M\ta.yaml',
      'D\tc/d.yaml',
      'A\te/f.yaml',
    ]);
    assert.equal(repository.git('cat-file', 'blob', `${commit}:a.yaml`), 'new ü');
    repository.git('fsck', '--strict', '--no-dangling');
  });

  test(`a note is readable with git notes once its ref is set (${objectFormat})`, async () => {
    await using repository = await makeRepository({ objectFormat });
    const base = await repository.commit({ a: '1' });
    const text = '# Title\n\n| a | b |\nlines with ü\n';
    const { commit, note } = await writeCommit(repository.own, request({ base, note: text }));
    repository.git('update-ref', 'refs/notes/bot/x', note ?? '');
    assert.equal(`${repository.git('notes', '--ref=refs/notes/bot/x', 'show', commit)}\n`, text);
  });
}

test('writeCommit changes nothing outside of the object database', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a.yaml': 'old\n' });
  const before = await stateOutsideObjects(repository);
  await writeCommit(repository.own, request({ base, note: 'why\n', files: [{ path: 'a.yaml', text: 'new\n' }] }));
  assert.deepEqual(await stateOutsideObjects(repository), before);
});

test('paths that differ only in case are distinct, even with core.ignoreCase', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a/rbac.yaml': 'old\n', 'b/x': '1\n' });
  repository.git('config', 'core.ignoreCase', 'true');
  const files = [{ path: 'a/RBAC.yaml', text: 'new\n' }, { path: 'a/rbac.yaml' }, { path: 'B/x', text: '2\n' }];
  const { commit } = await writeCommit(repository.own, request({ base, files }));
  assert.equal(repository.git('ls-tree', '-r', '--name-only', commit), 'B/x\na/RBAC.yaml\nb/x');
});

test('writeCommit locks no ref', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a.yaml': 'old\n' });
  const hook = '.git/hooks/reference-transaction';
  await repository.write({ [hook]: '+x #!/bin/sh\ncat >> locked\n' });
  const locked = () => readFile(join(repository.dir, 'locked'), 'utf8').catch(() => '');
  // The program runs no hooks, so this one is set again.
  const wrapper = join(repository.dir, '.git', 'own');
  await writeGit(wrapper, 'exec "$REAL_GIT" -c "core.hooksPath=$HOOKS" "$@"', {
    HOOKS: join(repository.dir, '.git/hooks'),
  });
  const own = openGit(repository.dir, { ...gitEnv, PATH: `${wrapper}:${gitEnv['PATH']}` });
  await writeCommit(own, request({ base, note: 'why\n' }));
  assert.equal(await locked(), '');
  await own.run('branching', 'branch', 'other');
  assert.match(await locked(), /refs\/heads\/other/);
});

test('a large commit leaves no .keep file and no temporary pack', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a.yaml': 'old\n' });
  const files = Array.from({ length: 300 }, (_, index) => ({ path: `n${index}/rbac.yaml`, text: `${index}\n` }));
  const { commit } = await writeCommit(repository.own, request({ base, files }));
  assert.equal(repository.git('ls-tree', '-r', '--name-only', commit).split('\n').length, 301);
  const left = await readdir(join(repository.dir, '.git'), { recursive: true });
  assert.deepEqual(
    left.filter((name) => /\.(keep|lock)$|tmp_/.test(name)),
    [],
  );
});

test('git gc prunes an unreferenced commit and keeps the next one', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a.yaml': 'old\n' });
  const lost = await writeCommit(repository.own, request({ base, note: 'lost\n', message: 'Lost\n' }));
  const { commit } = await writeCommit(repository.own, request({ base, message: 'Kept\n' }));
  repository.git('update-ref', 'refs/heads/kept', commit);
  repository.git('gc', '--quiet', '--prune=now');
  assert.throws(() => repository.git('cat-file', '-e', lost.commit));
  assert.throws(() => repository.git('cat-file', '-e', lost.note ?? ''));
  repository.git('cat-file', '-e', commit);
});

test('unlisted executables, symlinks and submodules of the base are unchanged', async () => {
  await using repository = await makeRepository();
  const files = { 'run.sh': '+x #!/bin/sh\n', link: '->run.sh', 'x/"q".yaml': 'x\n', 'o/a.yaml': '1\n' };
  await repository.commit(files);
  repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`);
  repository.git('commit', '--quiet', '--message=Module');
  const base = repository.git('rev-parse', 'HEAD');
  const change = [{ path: 'o/a.yaml', text: '2\n' }];
  const { commit } = await writeCommit(repository.own, request({ base, files: change }));
  assert.equal(repository.git('diff', '--raw', '--abbrev=4', base, commit).split('\n').length, 1);
  assert.match(repository.git('ls-tree', commit, 'module'), /^160000 commit 1{40}/);
});

const paths = [
  'plain.yaml',
  'with space.yaml',
  '"quoted".yaml',
  'back\\slash.yaml',
  'new\nline.yaml',
  'tab\tand\rreturn.yaml',
  'ünïcödé/日本/😀.yaml',
  '-option.yaml',
  "it's $HOME `id`.yaml",
  ' leading and trailing ',
  'M 100644 inline x.yaml',
  'not UTF-8: caf\udce9/\udcff',
  'not UTF-8: caf\udce8/\udcff',
];

test('paths may contain quotes, line breaks and other special characters', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ base: '' });
  const files = paths.map((path) => ({ path, text: `${JSON.stringify(path)}\n` }));
  const { commit } = await writeCommit(repository.own, request({ base, files }));
  const tree = commitTree(repository.own, commit, 'sha1');
  const contents = await tree.read(await tree.list(['']));
  for (const { path, text } of files) assert.equal(Buffer.from(contents.get(path) ?? []).toString('utf8'), text, path);
  assert.equal(contents.size, paths.length + 1);

  const removed = await writeCommit(repository.own, request({ base: commit, files: paths.map((path) => ({ path })) }));
  assert.equal(repository.git('ls-tree', '-r', '--name-only', removed.commit), 'base');
});

test('a commit that would hold anything else than was planned is an error', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ 'a.yaml': 'old\n', 'd/e.yaml': 'stays\n' });
  const refused: readonly CommitRequest['files'][] = [
    [{ path: 'nothing-there.yaml' }],
    [{ path: 'a.yaml', text: 'old\n' }],
    [
      { path: 'b', text: 'a file\n' },
      { path: 'b/c', text: 'in its place\n' },
    ],
    [{ path: 'd', text: 'in place of a folder\n' }],
  ];
  for (const files of refused) {
    const asked = request({ base, files: [{ path: 'new.yaml', text: 'new\n' }, ...files] });
    await assert.rejects(writeCommit(repository.own, asked), {
      code: 'GIT_FAILED',
      message: /does not match the plan/,
    });
  }
});

test('text that looks like fast-import commands is stored as text', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const commands = 'data 3\nabc\nreset refs/heads/main\nfrom 0000000000000000000000000000000000000000\n\ndone\n';
  const refs = refsOf(repository.dir);
  const commitRequest = request({ base, message: commands, note: commands, files: [{ path: 'a', text: commands }] });
  const { commit, note } = await writeCommit(repository.own, commitRequest);
  assert.equal(refsOf(repository.dir), refs);
  assert.equal(`${repository.git('cat-file', 'blob', `${commit}:a`)}\n`, commands);
  assert.equal(repository.git('log', '-1', '--format=%B', commit), commands);
  assert.equal(`${repository.git('cat-file', 'blob', `${note}:${commit}`)}\n`, commands);
});

test('concurrent commits do not interfere', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const written = await Promise.all(
    [0, 1, 2, 3].map((n) => writeCommit(repository.own, request({ base, files: [{ path: 'a', text: `${n}\n` }] }))),
  );
  const texts = written.map(({ commit }) => repository.git('cat-file', 'blob', `${commit}:a`));
  assert.deepEqual(texts, ['0', '1', '2', '3']);
  assert.equal(refsOf(repository.dir), `refs/heads/main ${base}`);
});

test('a missing base is an error and changes no ref', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: '1' });
  const refs = refsOf(repository.dir);
  await assert.rejects(writeCommit(repository.own, request({ base: 'f'.repeat(40) })), { code: 'GIT_FAILED' });
  assert.equal(refsOf(repository.dir), refs);
});

function request(part: Partial<CommitRequest> & { base: string }): CommitRequest {
  return { files: [{ path: 'new.yaml', text: 'new\n' }], message: 'Subject\n', author: bot, when, ...part };
}

/** The state of the repository outside of its object database. */
async function stateOutsideObjects({ dir }: TestRepository): Promise<readonly string[]> {
  return (await fingerprint(dir)).filter((line) => !line.includes('/.git/objects/'));
}
