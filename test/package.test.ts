import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeFolder } from './support/folder.ts';
import { gitEnv } from './support/repository.ts';
import { isChaos } from './support/tier.ts';

// What is published, packed and unpacked: it runs without the sources, and has nothing that does not belong in it.

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['bin', 'src', 'schemas', 'templates', 'CHANGELOG.md', 'LICENSE', 'README.md'];
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Packs a copy of the sources, and unpacks it beside the dependencies. @returns the folder of the package */
async function unpack(dir: string): Promise<string> {
  const copy = join(dir, 'copy');
  await mkdir(copy);
  for (const name of [...sources, ...settings]) await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  // As the test's own Node, and with none of the settings that npm hands to scripts.
  const env = { PATH: process.env['PATH'], HOME: dir };
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', dir], { cwd: copy, env });
  await run('tar', ['-xzf', join(dir, stdout.trim().split('\n').at(-1) ?? ''), '-C', dir]);
  const unpacked = join(dir, 'package');
  await symlink(join(root, 'node_modules'), join(unpacked, 'node_modules'));
  return unpacked;
}

test('the packed package runs every command, and holds what it needs and no more', async (t) => {
  await using folder = await makeFolder();
  const unpacked = await unpack(folder.dir);
  const program = async (...args: readonly string[]) => {
    const bin = join(unpacked, 'bin/athenz-gitops.js');
    return (await run(process.execPath, [bin, ...args], { cwd: folder.dir, env: gitEnv })).stdout;
  };

  await t.test('files', async () => {
    const names = (await readdir(unpacked)).filter((name) => name !== 'node_modules').sort();
    const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'package.json', 'schemas', 'templates'];
    assert.deepEqual(names, expected);
    const built = await readdir(join(unpacked, 'dist'), { recursive: true });
    assert.ok(
      built.every((name) => !name.endsWith('.ts') || name.endsWith('.d.ts')),
      'no sources',
    );
  });

  await t.test('version and help', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert.equal(await program('--version'), `${version}\n`);
    const help = await program('--help');
    const commands = [...help.matchAll(/^ {2}([a-z]+) .*$/gm)].flatMap(([, name = '']) =>
      name === 'help' ? [] : [name],
    );
    assert.ok(commands.includes('watch') && commands.includes('copies') && commands.length >= 14, `${commands}`);
    const pages = await Promise.all(
      [...commands.map((it) => [it]), ['copies', 'status']].map((it) => program(...it, '--help')),
    );
    for (const page of pages) assert.match(page, /^Usage: athenz-gitops /);
  });

  if (!isChaos) return;
  await t.test('the demo, with templates and the sandbox', async () => {
    assert.match(await program('demo'), /\nDone\. The folder was deleted/);
  });
});
