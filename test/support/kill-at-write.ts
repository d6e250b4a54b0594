import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Loaded before the program (`--import`): at the n-th change that it makes to the file system, it dies by SIGKILL – before
 * the change, or with half of the n-th file written – or stops until the same command line has run from beginning to end.
 */

type Change = (...args: never[]) => Promise<unknown>;

const { AT_WRITE, AT_WRITE_DO, ...env } = process.env;
let left = Number(AT_WRITE);

/** The change, with something before it when it is its turn. */
function interrupted<T extends Change>(change: T): T {
  const counted = async (...args: never[]) => {
    left--;
    if (left === 0) await interrupt(...args);
    return change(...args);
  };
  return counted as T;
}

async function interrupt(file?: string, text?: string): Promise<void> {
  if (AT_WRITE_DO === 'run') {
    const { status } = spawnSync(process.execPath, process.argv.slice(1), { env });
    if (status !== 0) process.exit(status ?? 1);
    return;
  }
  if (AT_WRITE_DO === 'half') await writeFile(file ?? '', (text ?? '').slice(0, (text ?? '').length / 2));
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
}

const { mkdir, rename, rm, rmdir, writeFile } = fs;
const counted = AT_WRITE_DO === 'half' ? { writeFile } : { mkdir, rename, rm, rmdir, writeFile };
Object.assign(
  fs,
  Object.fromEntries(Object.entries(counted).map(([name, change]) => [name, interrupted(change as Change)])),
);
syncBuiltinESMExports();
