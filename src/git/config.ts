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
export async function readSettings(git: Git, pattern: string): Promise<readonly GitSetting[]> {
  const { code, stdout, stderr } = await git.feed(['config', '--null', '--get-regexp', pattern]);
  // 1: none of them is set, git-config(1).
  if (code > 1) throw gitFailed('reading the configuration', stderr);
  const entries = stdout.toString('utf8').split('\0').slice(0, -1);
  return entries.map((entry) => {
    const end = entry.indexOf('\n');
    return end === -1 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
  });
}

/**
 * What git takes a setting for that is true or false: a word in any case, nothing for false, or a number, whose zero may be
 * `0x0`, `-0` or `0k` (git_parse_maybe_bool of git's config.c).
 *
 * @throws AppError `GIT_FAILED` for a value that is neither
 */
export function flagOf([key, value]: GitSetting): boolean {
  if (/^(true|yes|on)$/i.test(value)) return true;
  if (/^(false|no|off)?$/i.test(value)) return false;
  const [, hex, decimal] = /^\s*[-+]?(?:0x([\da-f]+)|(\d+))[kmg]?$/i.exec(value) ?? [];
  const digits = hex ?? decimal;
  if (digits === undefined)
    throw gitFailed('reading the configuration', `bad boolean config value '${value}' for '${key}'`);
  return /[^0]/.test(digits);
}
