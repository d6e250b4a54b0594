import assert from 'node:assert/strict';
import { glob, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '../support/folder.ts';
import { ownServer, startNested } from './support/nested.ts';

/** Leaves a process and a folder behind, like an interrupted test. */
const untidy = `
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).unref();
mkdtempSync(join(tmpdir(), 'left-'));
`;
const hanging = `${untidy}
test('hangs', () => new Promise((done) => setTimeout(done, 2 ** 30)));`;

interface Case {
  readonly what: string;
  readonly script: string;
  readonly code: number;
  /** A signal, and the file in its folder that triggers it. */
  readonly stop?: readonly [by: NodeJS.Signals, file: string];
}

const cases: readonly Case[] = [
  { what: 'passing tests', script: `${untidy}test('passes', () => {});`, code: 0 },
  { what: 'a failing test', script: `${untidy}test('fails', () => { throw new Error('no'); });`, code: 1 },
  { what: 'SIGTERM while a test runs', script: hanging, code: 143, stop: ['SIGTERM', '*/left-*'] },
  { what: 'SIGINT while a test runs', script: hanging, code: 130, stop: ['SIGINT', '*/left-*'] },
  { what: 'SIGTERM while the server starts', script: hanging, code: 143, stop: ['SIGTERM', '*/kube-apiserver.log'] },
];
for (const { what, script, code, stop } of cases) {
  test(`no process or folder is left after ${what}`, ownServer, async ({ signal }) => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'script.mjs');
    const own = join(folder.dir, 'own');
    await mkdir(own);
    await writeFile(file, script);
    const { child, ended } = startNested([file], { TMPDIR: own }, signal);
    if (stop !== undefined) {
      const [by, pattern] = stop;
      while (child.exitCode === null && !(await isThere(own, pattern))) await setTimeout(10, undefined, { signal });
      child.kill(by);
    }
    assert.equal((await ended).code, code);
    assert.deepEqual(await readdir(own), []);
    // The kill may take a moment.
    while ((await processesOf(own)).length > 0) await setTimeout(10, undefined, { signal });
  });
}

async function isThere(folder: string, pattern: string): Promise<boolean> {
  for await (const _ of glob(pattern, { cwd: folder })) return true;
  return false;
}

/** Processes with this folder in their arguments or environment. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const matches = await Promise.all(
    ids.map(async (id) => {
      const read = (name: string) => readFile(`/proc/${id}/${name}`, 'utf8').catch(() => '');
      return `${await read('cmdline')}${await read('environ')}`.includes(folder);
    }),
  );
  return ids.filter((_, index) => matches[index]);
}
