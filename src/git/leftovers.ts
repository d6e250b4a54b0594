import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryRef } from './commit.ts';
import { branchPrefix, type Remote } from './repository.ts';

/*
 * A git that is killed leaves its lock files, and every later git stops at them. git holds such a lock for milliseconds, but
 * writes nowhere whose it is: age is all there is to go by.
 */

/** Of a lock on refs that only this program moves, or that a fetch puts right: short, for the next scheduled run to go on. */
const ownAge = 60_000;
/** Of a lock that anybody's git may hold for long: what servers of git repositories use for it. */
const sharedAge = 3_600_000;
/** git takes all locks of one update within this; it waits a second for the last of them. */
const together = 2000;

/** Where leftovers are looked for. */
export interface LeftoverPlace {
  /** Absolute path of the folder with the refs, which all work trees of a repository share. */
  readonly gitDir: string;
  readonly base: string;
  readonly remote: Remote;
}

/** A file, and when it was written last, in milliseconds since the epoch. */
interface Leftover {
  readonly file: string;
  readonly at: number;
}

/**
 * Takes away what killed runs left behind in a repository and what nobody else clears away.
 *
 * @param now milliseconds since the epoch
 * @returns the paths of the files that were removed
 */
export async function clearLeftovers({ gitDir, base, remote }: LeftoverPlace, now: number): Promise<readonly string[]> {
  const tracking = remote === null ? [] : [`refs/remotes/${remote}`];
  const folders = ['refs/heads', 'refs/notes', ...tracking].map((folder) => `${folder}/${branchPrefix}`);
  const locks = (await Promise.all(folders.map((folder) => locksBelow(gitDir, folder)))).flat();
  const bases = tracking.map((folder) => `${folder}/${base}.lock`);
  const own = await olderThan(now - ownAge, gitDir, [...locks, ...bases]);
  // Where refs are deleted, all packed refs are locked behind the ones that go: that lock is as old as theirs.
  const all = await olderThan(now - ownAge, gitDir, ['packed-refs.lock', 'shallow.lock']);
  const isOurs = ({ at }: Leftover) => own.some((it) => Math.abs(it.at - at) < together);
  const reports = await olderThan(now - ownAge, gitDir, await crashReports(gitDir));
  const removed = [...own, ...all.filter((it) => it.at <= now - sharedAge || isOurs(it)), ...reports];
  for (const { file } of removed) await rm(file, { force: true });
  return removed.map(({ file }) => file);
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

async function olderThan(limit: number, gitDir: string, paths: readonly string[]): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const path of paths.filter(isBelow)) {
    const file = join(gitDir, path);
    const stat = await lstat(file).catch(() => undefined);
    if (stat?.isFile() && stat.mtimeMs <= limit) found.push({ file, at: stat.mtimeMs });
  }
  return found;
}

/** Of names that the config gives; git refuses the others, but only later. */
function isBelow(path: string): boolean {
  return !path.split('/').includes('..');
}
