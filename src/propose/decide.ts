import { mostSkew } from '../model/skew.ts';

/** What is on a scope's branch, read before Athenz was polled. */
export interface BranchState {
  /** Commit id of the tip. */
  readonly tip: string;
  /** Whose the branch is: ours alone, already contained in the base, or with foreign commits. */
  readonly owner: 'bot' | 'merged' | 'human';
  /** From the trailers of our commit. */
  readonly digest?: string;
  /** When the commit's access was polled, RFC 3339 UTC. */
  readonly polledAt?: string;
  /** It could not be merged into the base as that is now, or would bring back what the base has dropped. */
  readonly conflicted?: boolean;
  /** A work tree that has the branch checked out; moving it would turn the reader's files upside down. */
  readonly checkedOutAt?: string;
}

export interface DesiredBranch {
  /** Undefined: the base is already as desired. */
  readonly digest?: string;
  readonly polledAt: string;
  /** Something in the scope could not be read, so that "no change" is not certain. */
  readonly uncertain: boolean;
}

export type BranchDecision =
  | { readonly action: 'none' | 'create' | 'update' | 'up-to-date' | 'delete'; readonly reason?: never }
  | { readonly action: 'leave' | 'superseded'; readonly reason: string }
  | { readonly action: 'blocked'; readonly reason: string };

/** Whether another poll was later than this one. A time that nobody can have polled at must not hold a branch back for ever. */
function isLater(polledAt: string | undefined, own: string): boolean {
  const ahead = polledAt === undefined ? 0 : Date.parse(polledAt) - Date.parse(own);
  return ahead > 0 && ahead <= mostSkew;
}

/**
 * Decides what to do with the branch of one scope. Everything is read again each time: what Athenz and the base say, and
 * what is on the branch. Commits of people are never overwritten, nor a commit of ours that was made from a later poll.
 */
export function decideBranch(desired: DesiredBranch, branch: BranchState | undefined): BranchDecision {
  const wanted = desired.digest !== undefined;
  if (branch === undefined) return wanted ? { action: 'create' } : { action: 'none' };
  if (branch.owner === 'human') {
    return { action: 'blocked', reason: 'the branch has foreign commits; merge or delete it' };
  }
  const current = branch.owner === 'bot' && branch.digest === desired.digest && branch.conflicted !== true;
  if (wanted && current) return { action: 'up-to-date' };
  if (!wanted && desired.uncertain) return { action: 'leave', reason: 'something could not be read' };
  if (branch.owner === 'bot' && isLater(branch.polledAt, desired.polledAt)) {
    return { action: 'superseded', reason: `a later poll (${branch.polledAt}) is already proposed` };
  }
  if (branch.checkedOutAt !== undefined) {
    return { action: 'blocked', reason: `it is checked out in ${branch.checkedOutAt}: switch that to another branch` };
  }
  return { action: wanted ? 'update' : 'delete' };
}
