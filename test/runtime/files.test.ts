import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readText } from '../../src/runtime/file.ts';
import { makeFolder as makeFolders } from '../../src/runtime/folder.ts';
import { makeFolder } from '../support/folder.ts';

const noProc = existsSync('/proc/self') ? false : 'no /proc here';
const noZero = existsSync('/dev/zero') ? false : 'no /dev/zero here';

test('makes folders with their parents and mode, also behind a link', async () => {
  await using folder = await makeFolder();
  await mkdir(join(folder.dir, 'real'));
  await symlink('real', join(folder.dir, 'link'));
  const deep = join(folder.dir, 'link', 'a', 'b');
  await Promise.all([makeFolders(deep, 0o700), makeFolders(deep, 0o700), makeFolders(join(deep, 'c'), 0o700)]);
  await makeFolders(deep);
  assert.deepEqual(await readdir(join(folder.dir, 'real', 'a', 'b')), ['c']);
  for (const path of [deep, join(deep, '..')]) assert.equal((await stat(path)).mode & 0o777, 0o700);
});

test('a file in the place of a folder is an error', async () => {
  await using folder = await makeFolder();
  await writeFile(join(folder.dir, 'file'), '');
  await assert.rejects(makeFolders(join(folder.dir, 'file')), { code: 'EEXIST' });
  await assert.rejects(makeFolders(join(folder.dir, 'file', 'below')), { code: 'ENOTDIR' });
});

test('a folder below /proc is an error, not an endless loop', { skip: noProc }, async () => {
  await assert.rejects(makeFolders('/proc/athenz-gitops/cache/01'), /\/proc\/athenz-gitops/);
});

test('reads files; refuses what may never end', async () => {
  await using folder = await makeFolder();
  const at = (name: string) => join(folder.dir, name);
  await writeFile(at('file'), 'ü');
  await symlink('file', at('link'));
  execFileSync('mkfifo', [at('fifo')]);
  assert.deepEqual([await readText(at('file')), await readText(at('link'))], ['ü', 'ü']);
  await assert.rejects(readText(at('fifo')), /FIFO/);
  await assert.rejects(readText(folder.dir), { code: 'EISDIR' });
  await assert.rejects(readText(at('missing')), { code: 'ENOENT' });
});

test('refuses a device', { skip: noZero }, () => assert.rejects(readText('/dev/zero'), /device/));
