import assert from 'node:assert/strict';
import { mkdir, open, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSealed } from '../../src/athenz/sealed.ts';
import { openMemo } from '../../src/generators/rbac/memo.ts';
import { makeFolder } from '../support/folder.ts';

// Texts that runs leave to later ones: what is wrong with one makes it none, and nothing else is touched.

const key = async () => Buffer.alloc(32, 1);
const name = `${'a'.repeat(20)}-0`;
/** Long ago. */
const old = 1e9;

test('a text is read back only for what it is about, under its name and with its key', async () => {
  await using folder = await makeFolder();
  const sealed = openSealed(folder.dir, key);
  await sealed.write(name, 'this', 'text é');
  assert.equal(String(await sealed.read(name, 'this')), 'text é');
  assert.equal(await sealed.read(name, 'that'), undefined);
  assert.equal(await openSealed(folder.dir, async () => Buffer.alloc(32, 2)).read(name, 'this'), undefined);
});

test('a text whose key cannot be read is none', async () => {
  await using folder = await makeFolder();
  await openSealed(folder.dir, key).write(name, 'a', 'text');
  const broken = async () => {
    throw new Error('no key');
  };
  assert.equal(await openSealed(folder.dir, broken).read(name, 'a'), undefined);
});

test('a file that is larger than any text is not read', async () => {
  await using folder = await makeFolder();
  const handle = await open(join(folder.dir, name), 'w');
  await handle.truncate(600 * 1024 * 1024);
  await handle.write('\n', 600 * 1024 * 1024);
  await handle.close();
  assert.equal(await openSealed(folder.dir, key).read(name, 'a'), undefined);
});

test('the sweep removes nothing behind a link, no folder and no file of others', async () => {
  await using folder = await makeFolder();
  const [own, other, link] = ['own', 'other', 'link'].map((it) => join(folder.dir, it)) as [string, string, string];
  await mkdir(join(own, name), { recursive: true });
  await mkdir(other);
  for (const file of [join(own, 'thesis.txt'), join(other, name)]) await writeFile(file, 'x');
  for (const file of [join(own, 'thesis.txt'), join(own, name), join(other, name)]) await utimes(file, old, old);
  await symlink(other, link);
  for (const dir of [own, link]) await openSealed(dir, key).sweep();
  assert.deepEqual([await readdir(own), await readdir(other)], [[name, 'thesis.txt'], [name]]);
});

const unit = { cluster: 'c', namespace: 'n' };
const remembered = { needs: [['d', 's']], since: 1, files: [], weight: 0 } as const;

function memoIn(dir: string, id = '0', print = 'p') {
  const keys = { ids: new Set([id]), printOf: async () => print };
  return openMemo({ sealed: openSealed(dir, key), keys, aboutOf: () => 'a'.repeat(64), at: 5, stampOf: () => 's' });
}

test('the sweep removes what no run has used for a month, and keeps what is recalled', async () => {
  await using folder = await makeFolder();
  const first = await memoIn(folder.dir).open('0', ['c']);
  first.keep(unit, remembered);
  await first.save();
  const unused = `${'b'.repeat(20)}-0`;
  await writeFile(join(folder.dir, unused), 'x');
  for (const file of await readdir(folder.dir)) await utimes(join(folder.dir, file), old, old);
  const memo = memoIn(folder.dir);
  const second = await memo.open('0', ['c']);
  assert.ok(second.find([unit]));
  await second.save();
  await memo.sweep();
  assert.deepEqual(await readdir(folder.dir), [name]);
});

for (const id of ['0', 'constructor', '__proto__']) {
  test(`what was made from documents of another key is not recalled: key id ${id}`, async () => {
    await using folder = await makeFolder();
    const first = await memoIn(folder.dir, id, 'old').open('0', ['c']);
    first.keep(unit, remembered);
    await first.save();
    assert.ok((await memoIn(folder.dir, id, 'old').open('0', ['c'])).find([unit]));
    assert.equal((await memoIn(folder.dir, id, 'new').open('0', ['c'])).find([unit]), undefined);
  });
}
