import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { branchPrefix, type Remote } from './base-refs.ts';
import { temporaryRef } from './commit.ts';

/*
 * A git that is killed leaves its lock files, and every later git stops at them. git holds such a lock for milliseconds, but
 * writes nowhere whose it is: age is all there is to go by.
 */

/** Of a lock on refs that only this program moves, or that a fetch puts right: short, for the next scheduled run to go on. */
const ownAge = 60_000;
/** Of a lock on all packed refs, and of what is written under it: anybody's git may, and be at it for many seconds. */
const sharedAge = 600_000;

/** Where leftovers are looked for. */
export interface LeftoverPlace {
  /** Absolute path of the folder with the refs, which all work trees of a repository share. */
  readonly gitDir: string;
  readonly base: string;
  readonly remote: Remote;
}

/**
 * Removes what killed runs left behind in a repository.
 *
 * @param now milliseconds since the epoch
 * @returns the paths of the files that were removed
 */
export async function clearLeftovers(place: LeftoverPlace, now: number): Promise<readonly string[]> {
  const files = await findLeftovers(place, now);
  for (const file of files) await rm(file, { force: true });
  return files;
}

/** As `clearLeftovers`, and nothing is removed. */
export async function findLeftovers({ gitDir, base, remote }: LeftoverPlace, now: number): Promise<readonly string[]> {
  const tracking = remote === null ? [] : [`refs/remotes/${remote}`];
  const folders = ['refs/heads', 'refs/notes', ...tracking].map((folder) => `${folder}/${branchPrefix}`);
  const locks = (await Promise.all(folders.map((folder) => locksBelow(gitDir, folder)))).flat();
  const own = [...locks, ...tracking.map((folder) => `${folder}/${base}.lock`), ...(await crashReports(gitDir))];
  return [
    ...(await olderThan(now - ownAge, gitDir, own)),
    ...(await olderThan(now - sharedAge, gitDir, ['packed-refs.lock', 'packed-refs.new', 'shallow.lock'])),
  ];
}

async function locksBelow(gitDir: string, folder: string): Promise<readonly string[]> {
  const names = isBelow(folder) ? await readdir(join(gitDir, folder), { recursive: true }).catch(() => []) : [];
  return names.filter((name) => name.endsWith('.lock')).map((name) => join(folder, name));
}

/**
 * `git fast-import` writes one when its input ends half-way. Ours name the ref that our commits are made on, or nothing but how the
 * stream begins: the program was killed when it had started git.
 */
async function crashReports(gitDir: string): Promise<readonly string[]> {
  const names = (await readdir(gitDir).catch(() => [])).filter((name) => /^fast_import_crash_\d+$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(gitDir, name), 'utf8').catch(() => '')));
  return names.filter((_, index) => isOurReport(texts[index] ?? ''));
}

function isOurReport(text: string): boolean {
  return (
    text.includes(temporaryRef) ||
    /^fatal: stream ends early\n\n[^\n]*\n-+\n(?:\* feature done\n)?\nActive Branch LRU\n/m.test(text)
  );
}

async function olderThan(limit: number, gitDir: string, paths: readonly string[]): Promise<readonly string[]> {
  const old: string[] = [];
  for (const path of paths.filter(isBelow)) {
    const file = join(gitDir, path);
    const found = await lstat(file).catch(() => undefined);
    if (found?.isFile() === true && found.mtimeMs <= limit) old.push(file);
  }
  return old;
}

/** Of names that the config gives; git refuses the others, but only later. */
function isBelow(path: string): boolean {
  return !path.split('/').includes('..');
}
