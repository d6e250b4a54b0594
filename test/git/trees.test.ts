import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { commitTree } from '../../src/git/commit-tree.ts';
import { workTree } from '../../src/git/work-tree.ts';
import type { FileTree, ObjectFormat, TreeFile } from '../../src/model/tree.ts';
import { gitIn, makeRepository, type TestRepository } from '../support/repository.ts';

/** Everything a tree can hold that is not a plain file with a plain name. */
const strange = {
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

const readsAll = process.getuid?.() === 0 ? 'root may read everything' : false;

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
  test(`a commit and its work tree list the same files with git's own ids (${objectFormat})`, async () => {
    await using repository = await makeStrange(objectFormat);
    const { committed, onDisk } = treesOf(repository, objectFormat);
    const all = await committed.list(['']);
    assert.deepEqual(await withoutModules(onDisk, ['']), await withoutModules(committed, ['']));
    for (const prefix of prefixes) {
      assert.deepEqual(await withoutModules(onDisk, prefix), await withoutModules(committed, prefix), prefix.join());
    }
    const said = repository.git('ls-files', '--fixture', '-z');
    const lines = all.map(({ path, mode, oid }) => `${mode} ${oid} 0\t${path}`);
    assert.deepEqual(lines, said.split('\0').slice(0, -1));
    assert.equal(all.length, Object.keys(strange).length + 1);
  });

  test(`what a tree reads are the bytes that were written, of links the target (${objectFormat})`, async () => {
    await using repository = await makeStrange(objectFormat);
    for (const tree of Object.values(treesOf(repository, objectFormat))) {
      const files = await tree.list(['']);
      const texts = [...(await tree.read(files))].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]);
      const expected = Object.entries(strange).map(([path, text]) => [path, text.replace(/^(\+x |->)/, '')]);
      assert.deepEqual(texts.sort(), expected.sort());
    }
  });
}

test('links and submodules stand in the way of a path, at it and above it; folders do not', async () => {
  await using repository = await makeStrange('sha1');
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

test('binary content, empty files and files of megabytes come back to the byte', async () => {
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

test('a commit is read as it was, whatever lies in the work tree or in the index', async () => {
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

test('a content that is missing from the repository is an error, never an empty file', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'one\n', b: 'two\n' });
  const { committed } = treesOf(repository, 'sha1');
  const lost: TreeFile = { path: 'b', mode: '100644', oid: 'f'.repeat(40) };
  await assert.rejects(committed.read([...(await committed.list(['a'])), lost]), /GIT_FAILED|not in the repository/);
});

test('a commit that does not exist is an error, never an empty tree', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'one\n' });
  const nowhere = commitTree(repository.own, 'f'.repeat(40), 'sha1');
  await assert.rejects(nowhere.list(['']), { code: 'GIT_FAILED' });
  await assert.rejects(nowhere.obstacles(['a']), { code: 'GIT_FAILED' });
});

test('a file of the work tree that may not be read is listed without content', { skip: readsAll }, async () => {
  await using repository = await makeRepository();
  await repository.write({ secret: 'x\n' });
  await chmod(join(repository.dir, 'secret'), 0);
  const tree = workTree(repository.dir, 'sha1');
  const files = await tree.list(['']);
  assert.deepEqual(files, [{ path: 'secret', mode: '100644', oid: '' }]);
  assert.equal((await tree.read(files)).has('secret'), false);
});

test('half-written files of a killed render are no files of the work tree', async () => {
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

test('any set of files is listed alike from a commit and from its work tree', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '0', 'ü', ' ', '"'), minLength: 1, maxLength: 3 });
  const name = part.filter((text) => !/^\.+$/.test(text));
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const files = fc.dictionary(path, fc.string({ maxLength: 8 }), { minKeys: 1, maxKeys: 12, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(files, fc.array(path, { maxLength: 3 }), async (drawn, asked) => {
      // A path below another file of the set cannot be.
      const possible = Object.entries(drawn).filter(
        ([it]) => !Object.keys(drawn).some((other) => it.startsWith(`${other}/`)),
      );
      await using repository = await makeRepository();
      await repository.commit(Object.fromEntries(possible.map(([it, text]) => [it, text.replace(/^(->|\+x )/, '')])));
      const { committed, onDisk } = treesOf(repository, 'sha1');
      for (const paths of [[''], asked, possible.map(([it]) => it)]) {
        assert.deepEqual(await onDisk.list(paths), await committed.list(paths));
        assert.deepEqual(byPath(await onDisk.obstacles(paths)), byPath(await committed.obstacles(paths)));
      }
    }),
    { numRuns: 12 },
  );
});

async function makeStrange(objectFormat: ObjectFormat): Promise<TestRepository> {
  const repository = await makeRepository({ objectFormat });
  repository.git('init', '--quiet', `--object-format=${objectFormat}`, 'module');
  gitIn(join(repository.dir, 'module'), 'commit', '--quiet', '--allow-empty', '--message=Inside');
  await repository.write({ 'module/inside': 'not of this repository\n' });
  await repository.commit(strange);
  return repository;
}

function treesOf(repository: TestRepository, objectFormat: ObjectFormat): { committed: FileTree; onDisk: FileTree } {
  const commit = repository.git('rev-parse', 'HEAD');
  return {
    committed: commitTree(repository.own, commit, objectFormat),
    onDisk: workTree(repository.dir, objectFormat),
  };
}

/** A submodule's id is that of a commit, which only the index knows. */
async function withoutModules(tree: FileTree, paths: readonly string[]): Promise<readonly TreeFile[]> {
  return (await tree.list(paths)).map((file) => (file.mode === '160000' ? { ...file, oid: '' } : file));
}

function byPath(files: readonly TreeFile[]): readonly string[] {
  return files.map((file) => `${file.path} ${file.mode}`).sort();
}
