import { type CommitFields, readCommitFields } from './commit-fields.ts';
import type { Git } from './git.ts';
import { isOwnCommit, readTrailers } from './trailers.ts';
import { belowUpdateMerges, isAncestor } from './update-merges.ts';

/** What a commit of ours says it was made from. */
export interface OwnWork {
  readonly commit: string;
  readonly parent: string;
  readonly owner: string | undefined;
  readonly digest: string | undefined;
  readonly polled: string | undefined;
  readonly letThrough: string | undefined;
}

/** Undefined for anybody else's commit. */
export function ownWork(
  commit: string,
  [parents = '', author = '', committer = '', trailers = '']: CommitFields,
  botEmail: string,
): OwnWork | undefined {
  const { owner, digest, polled, letThrough, base: parent } = readTrailers(trailers);
  if (!isOwnCommit(author, committer, trailers, botEmail) || parents === '' || parents !== parent) return undefined;
  return { commit, parent, owner, digest, polled, letThrough };
}

/** The commit of ours below GitHub's "Update branch", if that is all there is above it. */
export async function workBelow(git: Git, tip: string, base: string, botEmail: string): Promise<OwnWork | undefined> {
  const commit = await belowUpdateMerges(git, tip, base);
  return ownWork(commit, await readCommitFields(git, commit), botEmail);
}

/**
 * Whether a commit is ours and stands on a commit of the base. Unlike `readBotBranches` it looks at the base's history, which
 * has to be whole.
 *
 * @param commit id
 * @param base commit id
 */
export async function isOwnWork(git: Git, commit: string, base: string, botEmail: string): Promise<boolean> {
  const work = ownWork(commit, await readCommitFields(git, commit), botEmail);
  return work !== undefined && (await isAncestor(git, work.parent, base));
}
