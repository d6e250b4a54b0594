import { type Remote, trackingRef } from './base-refs.ts';
import { rows } from './commit-fields.ts';
import { gitFailed } from './failure.ts';
import { checkBranchName, fetchSpecs, isMissing } from './fetch.ts';
import type { Git } from './git.ts';

/** Where a branch is. */
export interface BranchTip {
  readonly commit: string;
  /** Absolute path of the work tree that has it checked out. */
  readonly checkedOutAt?: string;
}

/**
 * Fetches one branch, where there is a remote, and tells where it is.
 *
 * @param setting of the config that names it, for errors
 * @returns undefined for a branch that does not exist
 * @throws AppError `CONFIG_INVALID` for what is no name of a branch, `GIT_FAILED`
 */
export async function fetchTip(
  git: Git,
  branch: string,
  remote: Remote,
  setting: string,
): Promise<BranchTip | undefined> {
  await checkBranchName(git, branch, setting);
  const ref = trackingRef(remote, branch);
  if (remote !== null) {
    // What is below it stands in its way here once it is gone there: the pattern forgets it.
    const words = await fetchSpecs(git, remote, [`+refs/heads/${branch}:${ref}`, `+refs/heads/${branch}/*:${ref}/*`]);
    if (words !== undefined && isMissing(words)) return undefined;
    if (words !== undefined) throw gitFailed(`fetching ${branch} from ${remote}`, words);
  }
  const format = ['refname', 'objectname', 'worktreepath'].map((field) => `%(${field})%00`).join('');
  const found = rows(await git.run('listing branches', 'for-each-ref', `--format=${format}`, ref), 3);
  const [, commit, worktree = ''] = found.find(([name]) => name === ref) ?? [];
  if (commit === undefined) return undefined;
  return { commit, ...(worktree === '' ? {} : { checkedOutAt: worktree }) };
}
