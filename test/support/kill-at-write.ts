import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Loaded before the program (`--import`): at the n-th change that it makes to the file system, it dies by SIGKILL – before
 * the change, or with half of the n-th file written – or stops until the same command line has run from beginning to end.
 */

type Change = (...args: never[]) => unknown;

const { AT_WRITE, AT_WRITE_DO, ...env } = process.env;
let left = Number(AT_WRITE);

/** The change, with something before it when it is its turn. */
function interrupted<T extends Change>(change: T): T {
  const counted = (...args: never[]) => {
    left--;
    if (left === 0) interrupt(...args);
    return change(...args);
  };
  return counted as T;
}

function interrupt(file?: string, content?: string | Uint8Array): void {
  if (AT_WRITE_DO === 'run') {
    const { status } = spawnSync(process.execPath, process.argv.slice(1), { env });
    if (status !== 0) process.exit(status ?? 1);
    return;
  }
  if (AT_WRITE_DO === 'half') {
    const bytes = Buffer.from(content ?? '');
    writeFileSync(file ?? '', bytes.subarray(0, bytes.length / 2));
  }
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

const { mkdirSync, renameSync, writeFileSync } = fs;
const { mkdir, rename, rm, rmdir, writeFile } = promises;
const isHalf = AT_WRITE_DO === 'half';
replace(fs, isHalf ? { writeFileSync } : { mkdirSync, renameSync, writeFileSync });
replace(promises, isHalf ? { writeFile } : { mkdir, rename, rm, rmdir, writeFile });
syncBuiltinESMExports();

function replace(module: object, changes: Readonly<Record<string, Change>>): void {
  for (const [name, change] of Object.entries(changes)) Object.assign(module, { [name]: interrupted(change) });
}
