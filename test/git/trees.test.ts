import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { listAhead } from '../../src/core/list-ahead.ts';
import { commitTree } from '../../src/git/commit-tree.ts';
import { workTree } from '../../src/git/work-tree.ts';
import type { FileTree, ObjectFormat, TreeFile } from '../../src/model/tree.ts';
import { gitIn, makeRepository, type TestRepository } from '../support/repository.ts';

/** Files of every mode and with unusual names. */
const unusual = {
  'output/prod/search/rbac.yaml': 'a: 1\n',
  'output/prod.yaml': 'beside the folder of almost the same name\n',
  'output/prod-2/x': '',
  'scripts/run.sh': '+x #!/bin/sh\n',
  link: '->output/prod',
  'broken-link': '->nowhere',
  'with space/ünïcödé/日本.yaml': 'ü\n',
  'with space/"quoted"\\back': 'q\n',
  'with space/new\nline\ttab': 'n\n',
  '[a-z]/*.yaml': 'a path, not a pattern\n',
  ':(glob)x': 'neither is this\n',
  '-x': 'nor is this an option\n',
  '.athenz-gitops.0b8f.tmp.yaml': 'looks like ours, but is not\n',
} as const;

const skipAsRoot = process.getuid?.() === 0 ? 'root can read everything' : false;

const prefixes: readonly (readonly string[])[] = [
  [''],
  ['output'],
  ['output/prod'],
  ['output', 'output/prod'],
  ['output/prod/search/rbac.yaml'],
  ['outpu'],
  ['nothing/here'],
  ['output/prod.yaml/below-a-file'],
  ['scripts'],
  ['link'],
  ['link/search'],
  ['with space'],
  ['with space/ünïcödé'],
  ['[a-z]'],
  ['a'],
  [':(glob)x'],
  ['-x'],
  ['module'],
  ['module/inside'],
  [],
];

for (const objectFormat of ['sha1', 'sha256'] as const) {
  test(`commit and work tree list the same files with git's ids (${objectFormat})`, async () => {
    await using repository = await makeUnusual(objectFormat);
    const { committed, onDisk } = treesOf(repository, objectFormat);
    const all = await committed.list(['']);
    assert.deepEqual(await withoutModules(onDisk, ['']), await withoutModules(committed, ['']));
    for (const prefix of prefixes) {
      assert.deepEqual(await withoutModules(onDisk, prefix), await withoutModules(committed, prefix), prefix.join());
    }
    const lsFiles = repository.git('ls-files', '--stage', '-z');
    const lines = all.map(({ path, mode, oid }) => `${mode} ${oid} 0\t${path}`);
    assert.deepEqual(lines, lsFiles.split('\0').slice(0, -1));
    assert.equal(all.length, Object.keys(unusual).length + 1);
  });

  test(`files are read as written, and symlinks as their target (${objectFormat})`, async () => {
    await using repository = await makeUnusual(objectFormat);
    for (const tree of Object.values(treesOf(repository, objectFormat))) {
      const files = await tree.list(['']);
      const texts = [...(await tree.read(files))].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]);
      const expected = Object.entries(unusual).map(([path, text]) => [path, text.replace(/^(\+x |->)/, '')]);
      assert.deepEqual(texts.sort(), expected.sort());
    }
  });
}

test('symlinks, submodules and files at or above a path are obstacles', async () => {
  await using repository = await makeUnusual('sha1');
  const { committed, onDisk } = treesOf(repository, 'sha1');
  const table: readonly (readonly [path: string, obstacle: readonly string[]])[] = [
    ['output/prod', []],
    ['output/prod/new/folder', []],
    ['link', ['120000 link']],
    ['link/search', ['120000 link']],
    ['module', ['160000 module']],
    ['module/output/prod', ['160000 module']],
    ['output/prod.yaml/x', ['100644 output/prod.yaml']],
    ['scripts/run.sh', ['100755 scripts/run.sh']],
    ['nothing', []],
  ];
  for (const tree of [committed, onDisk]) {
    for (const [path, expected] of table) {
      const found = await tree.obstacles([path]);
      assert.deepEqual(
        found.map((file) => `${file.mode} ${file.path}`),
        expected,
        path,
      );
    }
    assert.equal((await tree.obstacles(['link/a', 'module/b', 'link/c', 'output'])).length, 2);
    assert.deepEqual(await tree.obstacles([]), []);
  }
});

test('binary, empty and large files are read byte for byte', async () => {
  await using repository = await makeRepository();
  const large = 'ü\0\r\n'.repeat(300_000);
  await repository.commit({ empty: '', large, binary: '\u0000\u0001\n\n' });
  const { committed, onDisk } = treesOf(repository, 'sha1');
  for (const tree of [committed, onDisk]) {
    const contents = await tree.read(await tree.list(['']));
    assert.equal(Buffer.from(contents.get('large') ?? []).toString('utf8'), large);
    assert.equal(contents.get('empty')?.byteLength, 0);
    assert.equal(Buffer.from(contents.get('binary') ?? []).toString('utf8'), '\u0000\u0001\n\n');
  }
});

test('a commit is read independently of the work tree and the index', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'one\n', b: 'two\n' });
  const { committed } = treesOf(repository, 'sha1');
  await repository.write({ a: 'dirty\n', b: null, c: 'new\n' });
  repository.git('add', '--all');
  const files = await committed.list(['']);
  assert.deepEqual(
    files.map((file) => file.path),
    ['a', 'b'],
  );
  assert.equal(Buffer.from((await committed.read(files)).get('a') ?? []).toString(), 'one\n');
});

test('a missing blob is an error, not an empty file', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'one\n', b: 'two\n' });
  const { committed } = treesOf(repository, 'sha1');
  const lost: TreeFile = { path: 'b', mode: '100644', oid: 'f'.repeat(40) };
  await assert.rejects(committed.read([...(await committed.list(['a'])), lost]), /GIT_FAILED|not in the repository/);
});

test('a missing commit is an error, not an empty tree', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'one\n' });
  const nowhere = commitTree(repository.own, 'f'.repeat(40), 'sha1');
  await assert.rejects(nowhere.list(['']), { code: 'GIT_FAILED' });
  await assert.rejects(nowhere.obstacles(['a']), { code: 'GIT_FAILED' });
});

test('an unreadable file of the work tree is listed without content', { skip: skipAsRoot }, async () => {
  await using repository = await makeRepository();
  await repository.write({ secret: 'x\n' });
  await chmod(join(repository.dir, 'secret'), 0);
  const tree = workTree(repository.dir, 'sha1');
  const files = await tree.list(['']);
  assert.deepEqual(files, [{ path: 'secret', mode: '100644', oid: '' }]);
  assert.equal((await tree.read(files)).has('secret'), false);
});

test('a submodule that is not checked out is listed as it is from a commit', async () => {
  await using repository = await makeRepository();
  const inside = await repository.commit({ 'a/b.txt': 'x\n' });
  for (const path of ['a/empty', 'a/gone', 'c'])
    repository.git('update-index', '--add', '--cacheinfo', `160000,${inside},${path}`);
  repository.git('commit', '--quiet', '--message=Submodules');
  for (const path of ['a/empty', 'c']) await mkdir(join(repository.dir, path), { recursive: true });
  const tree = workTree(repository.dir, 'sha1', repository.own);
  const pathsOf = async (prefix: string) => (await tree.list([prefix])).map(({ path, mode }) => `${mode} ${path}`);
  assert.deepEqual(await pathsOf('a'), ['100644 a/b.txt', '160000 a/empty']);
  assert.deepEqual(await pathsOf(''), ['100644 a/b.txt', '160000 a/empty', '160000 c']);
  assert.deepEqual(byPath(await tree.obstacles(['c/output', 'a/gone', 'a/x'])), ['c 160000']);
});

test('a file outside of a sparse checkout is listed, and why its content is not known', async () => {
  await using repository = await makeRepository();
  await repository.commit({ 'a/b.txt': 'x\n', 'c/d.txt': 'y\n' });
  repository.git('sparse-checkout', 'set', 'a');
  const tree = workTree(repository.dir, 'sha1', repository.own);
  const [first, second] = await tree.list(['']);
  assert.deepEqual([first?.path, first?.unknown, second?.path], ['a/b.txt', undefined, 'c/d.txt']);
  assert.match(second?.unknown ?? '', /not checked out/);
  assert.deepEqual([...(await tree.read(await tree.list(['']))).keys()], ['a/b.txt']);
});

test('temporary files of a killed render are not listed', async () => {
  await using repository = await makeRepository();
  await repository.write({
    'output/.athenz-gitops.5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11.tmp': 'half',
    'output/x.yaml': 'x\n',
  });
  const files = await workTree(repository.dir, 'sha1').list(['output']);
  assert.deepEqual(
    files.map((file) => file.path),
    ['output/x.yaml'],
  );
});

test('any set of files is listed the same from a commit and its work tree', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '0', 'ü', ' ', '"'), minLength: 1, maxLength: 3 });
  const name = part.filter((text) => !/^\.+$/.test(text));
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const files = fc.dictionary(path, fc.string({ maxLength: 8 }), { minKeys: 1, maxKeys: 12, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(files, fc.array(path, { maxLength: 3 }), async (generated, requested) => {
      // A path below another file of the set is impossible.
      const possible = Object.entries(generated).filter(
        ([it]) => !Object.keys(generated).some((other) => it.startsWith(`${other}/`)),
      );
      await using repository = await makeRepository();
      await repository.commit(Object.fromEntries(possible.map(([it, text]) => [it, text.replace(/^(->|\+x )/, '')])));
      const { committed, onDisk } = treesOf(repository, 'sha1');
      for (const paths of [[''], requested, possible.map(([it]) => it)]) {
        assert.deepEqual(await onDisk.list(paths), await committed.list(paths));
        assert.deepEqual(byPath(await onDisk.obstacles(paths)), byPath(await committed.obstacles(paths)));
      }
    }),
    { numRuns: 12 },
  );
});

for (const first of ['', 'a', 'missing']) {
  test(`a tree that lists output ahead lists the same after ${JSON.stringify(first)}`, async () => {
    await using repository = await makeRepository();
    await repository.commit({ 'a/b': '', 'a-b': '', 'output/a/b': '', 'output-b': '', 'templates/c': '' });
    const { committed } = treesOf(repository, 'sha1');
    const tree = listAhead(committed, ['output']);
    for (const path of [first, 'output', 'output/', 'output/a', 'templates/', 'a', 'a/', 'missing', ''])
      assert.deepEqual(await tree.list([path]), await committed.list([path]), path);
  });
}

async function makeUnusual(objectFormat: ObjectFormat): Promise<TestRepository> {
  const repository = await makeRepository({ objectFormat });
  repository.git('init', '--quiet', `--object-format=${objectFormat}`, 'module');
  gitIn(join(repository.dir, 'module'), 'commit', '--quiet', '--allow-empty', '--message=Inside');
  await repository.write({ 'module/inside': 'not of this repository\n' });
  await repository.commit(unusual);
  return repository;
}

function treesOf(repository: TestRepository, objectFormat: ObjectFormat): { committed: FileTree; onDisk: FileTree } {
  const commit = repository.git('rev-parse', 'HEAD');
  return {
    committed: commitTree(repository.own, commit, objectFormat),
    onDisk: workTree(repository.dir, objectFormat),
  };
}

/** Without submodule ids: these are commits, which only the index knows. */
async function withoutModules(tree: FileTree, paths: readonly string[]): Promise<readonly TreeFile[]> {
  return (await tree.list(paths)).map((file) => (file.mode === '160000' ? { ...file, oid: '' } : file));
}

function byPath(files: readonly TreeFile[]): readonly string[] {
  return files.map((file) => `${file.path} ${file.mode}`).sort();
}

test('a FIFO in the work tree is a file that cannot be read', async () => {
  await using repository = await makeRepository();
  await repository.write({ 'output/prod/a.yaml': 'a: 1\n' });
  execFileSync('mkfifo', [join(repository.dir, 'output/prod/b.yaml')]);
  const tree = workTree(repository.dir, 'sha1');
  const files = await tree.list(['output']);
  assert.deepEqual(
    files.map(({ path, mode, oid }) => [path, mode, oid !== '']),
    [
      ['output/prod/a.yaml', '100644', true],
      ['output/prod/b.yaml', '100644', false],
    ],
  );
  assert.deepEqual([...(await tree.read(files)).keys()], ['output/prod/a.yaml']);
  assert.equal((await tree.obstacles(['output/prod/b.yaml/c']))[0]?.path, 'output/prod/b.yaml');
});

test('a file that changed since it was listed is left out of what is read, however much there is', async () => {
  await using repository = await makeRepository();
  // More than is kept: the last ones are read again.
  const texts = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`output/${10 + at}`, `${at}`.repeat(500_000)]),
  );
  await repository.write({ ...texts, 'output/huge': 'x'.repeat(5_000_000) });
  const tree = workTree(repository.dir, 'sha1');
  const files = await tree.list(['output']);
  await repository.write({ 'output/20': 'another', 'output/huge': 'smaller' });
  const read = await tree.read(files);
  const expected = Object.entries(texts).filter(([path]) => path !== 'output/20');
  assert.deepEqual([...read].map(([path, content]) => [path, Buffer.from(content).toString()]).sort(), expected.sort());
});
