import { type Git, gitFailed } from './git.ts';
import type { Setting } from './settings.ts';

/**
 * The settings whose key matches, from all files and the environment, in git's order: the last one of a key counts.
 *
 * @param pattern a regular expression over the key, which git writes in lower case but for what stands between two dots
 * @returns with `true` for a key without a value, as git reads it
 * @throws AppError `GIT_FAILED`
 */
export async function readSettings(git: Git, pattern: string): Promise<readonly Setting[]> {
  const { code, stdout, stderr } = await git.feed(['config', '--null', '--get-regexp', pattern]);
  // 1: none of them is set, git-config(1).
  if (code > 1) throw gitFailed('reading the configuration', stderr);
  const entries = stdout.toString('utf8').split('\0').slice(0, -1);
  return entries.map((entry) => {
    const end = entry.indexOf('\n');
    return end === -1 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
  });
}

/** Whether git takes a value for false. */
export function isFalse(value: string): boolean {
  return /^(|false|no|off|0+)$/i.test(value);
}
