import { AppError } from '../model/error.ts';
import type { Git } from './git.ts';
import { isTooOld, oldestGit } from './oldest-git.ts';

/** What git calls itself, as `git version 2.39.5`. */
export async function gitVersion(git: Git): Promise<string> {
  return (await git.run('asking git for its version', 'version')).trim();
}

/** @throws AppError `GIT_TOO_OLD`; `GIT_FAILED` where there is no git */
export async function refuseOldGit(git: Git): Promise<void> {
  const said = await gitVersion(git);
  if (!isTooOld(said)) return;
  throw new AppError('GIT_TOO_OLD', `${said} is too old: ${oldestGit} is needed`, {
    next: `install git ${oldestGit} or newer`,
  });
}
