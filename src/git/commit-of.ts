import { AppError } from '../model/error.ts';
import type { Git } from './git.ts';

/** The id of a commit that a flag names. @throws AppError `USAGE` when there is no such commit */
export async function commitOf(git: Git, name: string, flag: string): Promise<string> {
  const found = await git.ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  if (found !== undefined && found !== '') return found.trim();
  throw noCommit(name, flag);
}

/** That there is no such commit, as where there is no repository. */
export function noCommit(name: string, flag: string): AppError {
  return new AppError('USAGE', `${flag} ${name}: there is no such commit in this repository`, {
    next: 'fetch it first, with all of its history',
  });
}
