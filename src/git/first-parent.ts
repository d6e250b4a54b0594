import { decodePath } from '../model/path.ts';
import type { Git } from './git.ts';
import { type LoggedChange, type LoggedCommit, logArgs, parseLog } from './log.ts';

/** A commit of a branch, and what it brought there. */
export interface BranchCommit {
  readonly head: LoggedCommit;
  readonly changes: readonly LoggedChange[];
}

/**
 * The commits by which a branch went from one commit to another, oldest first, with what each changed below some folders. A merge
 * is one commit (`--first-parent`).
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
  const args = ['--first-parent', '-m', ...logArgs, `--max-count=${most}`, `${from}..${to}`];
  const said = await git.read('reading history', ['log', ...args, '--', ...folders]);
  return parseLog(decodePath(said)).toReversed();
}
