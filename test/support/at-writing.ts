import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Loaded before the program (`--import`), which then dies by SIGKILL: before the n-th change that it makes to the file
 * system, or with half of the n-th file written.
 */

type Change = (...args: never[]) => Promise<unknown>;

const half = process.env['KILL_HOW'] === 'half';
let left = Number(process.env['KILL_WRITE']);

/** The change, with death in place of the one whose turn it is. */
function deadly<T extends Change>(change: T, last: T | undefined): T {
  const counted = async (...args: never[]) => {
    left--;
    if (left !== 0) return change(...args);
    await last?.(...args);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  };
  return counted as T;
}

const { mkdir, rename, rm, rmdir, writeFile } = fs;
const writeHalf = async (file: string, text: string) => writeFile(file, text.slice(0, text.length / 2));
const others = Object.entries({ mkdir, rename, rm, rmdir }).map(([name, change]) => [name, deadly(change, undefined)]);
Object.assign(fs, {
  writeFile: deadly(writeFile as Change, half ? (writeHalf as Change) : undefined),
  ...(half ? {} : Object.fromEntries(others)),
});
syncBuiltinESMExports();
