import { decodePath } from '../model/path.ts';
import type { Git } from './git.ts';
import { type LoggedChange, type LoggedCommit, logArgs, parseLog } from './log.ts';

/** A commit of a branch, and what it brought there. */
export interface BranchCommit {
  readonly head: LoggedCommit;
  readonly changes: readonly LoggedChange[];
}

/**
 * The commits of a branch, newest first, with what each changed below some paths. A merge is one commit (`--first-parent`).
 *
 * @param range a tip, or two of them as `from..to`
 * @param most commits at most, the newest
 * @throws AppError `GIT_FAILED`
 */
export async function readFirstParents(
  git: Git,
  range: string,
  paths: readonly string[],
  most: number,
): Promise<readonly BranchCommit[]> {
  const args = ['--first-parent', '-m', ...logArgs, `--max-count=${most}`];
  return parseLog(decodePath(await git.read('reading history', ['log', ...args, range, '--', ...paths])));
}

/**
 * The commits by which a branch went from one commit to another, oldest first, as `readFirstParents` reads them.
 *
 * @param most commits at most, the newest
 * @throws AppError `GIT_FAILED`, also where `from` is not there
 */
export async function commitsBetween(
  git: Git,
  from: string,
  to: string,
  folders: readonly string[],
  most: number,
): Promise<readonly BranchCommit[]> {
  return (await readFirstParents(git, `${from}..${to}`, folders, most)).toReversed();
}
