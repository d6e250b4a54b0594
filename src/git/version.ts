import { AppError } from '../model/error.ts';
import type { Git } from './git.ts';

/** `merge-tree --write-tree` and `safe.bareRepository` came with it. */
const oldest = [2, 38] as const;
export const oldestGit = oldest.join('.');

/** What git calls itself, as `git version 2.39.5`. */
export async function gitVersion(git: Git): Promise<string> {
  return (await git.run('asking git for its version', 'version')).trim();
}

/** @param said by `gitVersion` */
export function isTooOld(said: string): boolean {
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** @throws AppError `GIT_TOO_OLD`; `GIT_FAILED` where there is no git */
export async function refuseOldGit(git: Git): Promise<void> {
  const said = await gitVersion(git);
  if (!isTooOld(said)) return;
  throw new AppError('GIT_TOO_OLD', `${said} is too old: ${oldestGit} is needed`, {
    next: `install git ${oldestGit} or newer`,
  });
}
