import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';
import type { GitSetting } from './settings.ts';

/**
 * The settings whose key matches, from all files and the environment, in git's order: the last one of a key counts.
 *
 * @param pattern a regular expression over the key, which git writes in lower case but for what stands between two dots
 * @returns with `true` for a key without a value, as git reads it
 * @throws AppError `GIT_FAILED`
 */
export function readSettings(git: Git, pattern: string): Promise<readonly GitSetting[]> {
  return read(git, ['--get-regexp', pattern]);
}

/**
 * The same for settings that are true or false, by key. git itself says which: it takes `0x0`, `-0` and `0k` for false, too.
 *
 * @param values a regular expression; with a leading `!`, of the values to leave out
 * @throws AppError `GIT_FAILED`, also where git takes a value for neither
 */
export async function readFlags(git: Git, pattern: string, values?: string): Promise<ReadonlyMap<string, boolean>> {
  const settings = await read(git, ['--type=bool', '--get-regexp', pattern, ...(values === undefined ? [] : [values])]);
  return new Map(settings.map(([key, value]) => [key, value === 'true']));
}

async function read(git: Git, args: readonly string[]): Promise<readonly GitSetting[]> {
  const { code, stdout, stderr } = await git.feed(['config', '--null', ...args]);
  // 1: none of them is set, git-config(1).
  if (code > 1) throw gitFailed('reading the configuration', stderr);
  const entries = stdout.toString('utf8').split('\0').slice(0, -1);
  return entries.map((entry) => {
    const end = entry.indexOf('\n');
    return end === -1 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
  });
}
