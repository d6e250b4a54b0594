import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryRef } from './commit.ts';
import { branchPrefix, type Remote } from './repository.ts';

/*
 * A git that is killed leaves its lock files, and every later git stops at them. git holds such a lock for milliseconds, but
 * writes nowhere whose it is: age is all there is to go by.
 */

/** Of a lock on refs that only this program moves: short, for the next scheduled run to go through. */
const ownAge = 60_000;
/** Of a lock that anybody's git may hold: what servers of git repositories use for it. */
const sharedAge = 3_600_000;

/** Where leftovers are looked for. */
export interface LeftoverPlace {
  /** Absolute path of the folder with the refs, which all work trees of a repository share. */
  readonly gitDir: string;
  readonly base: string;
  readonly remote: Remote;
}

/**
 * Takes away what killed runs left behind in a repository and what nobody else clears away.
 *
 * @param now milliseconds since the epoch
 * @returns the paths of the files that were removed
 */
export async function clearLeftovers({ gitDir, base, remote }: LeftoverPlace, now: number): Promise<readonly string[]> {
  const folders = ['refs/heads', 'refs/notes', ...(remote === null ? [] : [`refs/remotes/${remote}`])];
  const own = (await Promise.all(folders.map((folder) => locksBelow(gitDir, `${folder}/${branchPrefix}`)))).flat();
  const tracked = remote === null ? [] : [`refs/remotes/${remote}/${base}.lock`];
  return [
    ...(await removeOlder(gitDir, own, now - ownAge)),
    ...(await removeOlder(gitDir, ['packed-refs.lock', 'shallow.lock', ...tracked], now - sharedAge)),
    ...(await removeOlder(gitDir, await crashReports(gitDir), now - ownAge)),
  ];
}

async function locksBelow(gitDir: string, folder: string): Promise<readonly string[]> {
  const names = isBelow(folder) ? await readdir(join(gitDir, folder), { recursive: true }).catch(() => []) : [];
  return names.filter((name) => name.endsWith('.lock')).map((name) => join(folder, name));
}

/** `git fast-import` writes one when its input ends half-way; ours name the ref that our commits are made on. */
async function crashReports(gitDir: string): Promise<readonly string[]> {
  const names = (await readdir(gitDir).catch(() => [])).filter((name) => /^fast_import_crash_\d+$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(gitDir, name), 'utf8').catch(() => '')));
  return names.filter((_, index) => texts[index]?.includes(temporaryRef));
}

async function removeOlder(gitDir: string, paths: readonly string[], limit: number): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const path of paths) {
    const file = join(gitDir, path);
    const found = isBelow(path) ? await lstat(file).catch(() => undefined) : undefined;
    if (found?.isFile() !== true || found.mtimeMs > limit) continue;
    await rm(file, { force: true });
    removed.push(file);
  }
  return removed;
}

/** Of names that the config gives; git refuses the others, but only later. */
function isBelow(path: string): boolean {
  return !path.split('/').includes('..');
}
