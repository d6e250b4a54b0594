import { type PullRequest, pullLabels } from '../model/pull.ts';
import { type BranchState, type DesiredBranch, decideBranch } from './decide.ts';

/** The pull requests of a scope's branch. */
export interface PullState {
  readonly open?: PullRequest;
  /** Those that were closed without merging, the newest first. One that this program closed is none of them. */
  readonly closed: readonly ClosedPull[];
}

export interface ClosedPull {
  readonly number: number;
  /** Of what it proposed. */
  readonly digest?: string;
  readonly labels: readonly string[];
}

export interface DesiredPull extends DesiredBranch {
  /** The branch to merge into. */
  readonly base: string;
  /** No further pull request may be opened for this scope now: so many are open already. */
  readonly full: boolean;
}

/** What to do about the branch and the pull request of a scope; `pull` is the number of the one it is about. */
export type PullDecision =
  | { readonly action: 'none' | 'delete' }
  | { readonly action: 'leave' | 'superseded'; readonly reason: string }
  /** Write the branch, open a pull request. `previous`: the one before it, which was closed. */
  | { readonly action: 'create'; readonly previous?: number }
  /** The branch is right already: the run that wrote it did not come to open the pull request. */
  | { readonly action: 'announce'; readonly previous?: number }
  /** `rebuilt`: over commits of people, as one of them asked for. */
  | { readonly action: 'update'; readonly pull: number; readonly rebuilt?: true }
  | { readonly action: 'up-to-date'; readonly pull: number }
  | { readonly action: 'withdraw'; readonly pull: number }
  /** This very proposal was closed. `close`: one that is open and also no longer needed. */
  | { readonly action: 'declined'; readonly pull: number; readonly close?: number }
  | { readonly action: 'waiting' }
  /** `target`: the branch that it was pointed at, where that is the reason. */
  | { readonly action: 'blocked'; readonly pull?: number; readonly reason: string; readonly target?: string };

const committed = `the branch has foreign commits; merge it, or add label ${pullLabels.rebuild} to overwrite them`;

/** Why a pull request into another branch is left alone. @param target its name, fit for where it is shown */
export function targetChanged(target: string): string {
  return `its target was changed to ${target}: change it back, or close it`;
}

/**
 * Decides about one scope where changes are proposed as pull requests: what `decideBranch` says of the branch, seen
 * together with the pull requests there are and were.
 */
export function decidePull(desired: DesiredPull, branch: BranchState | undefined, pulls: PullState): PullDecision {
  const { open, closed } = pulls;
  const about = open === undefined ? {} : { pull: open.number };
  const decision = decideBranch(desired, branch);
  if (open !== undefined && open.base !== desired.base && decision.action !== 'none') {
    return { action: 'blocked', pull: open.number, reason: targetChanged(open.base), target: open.base };
  }
  switch (decision.action) {
    case 'create':
    case 'update':
      return open === undefined ? propose('create') : (declined() ?? { action: 'update', pull: open.number });
    case 'up-to-date':
      return open === undefined ? propose('announce') : { action: 'up-to-date', pull: open.number };
    case 'delete':
      return open === undefined ? { action: 'delete' } : { action: 'withdraw', pull: open.number };
    case 'blocked':
      if (open?.labels.includes(pullLabels.rebuild) && desired.digest !== undefined) {
        return { action: 'update', pull: open.number, rebuilt: true };
      }
      return {
        ...decision,
        ...about,
        ...(open !== undefined && branch?.owner === 'human' ? { reason: committed } : {}),
      };
    case 'none':
      return { action: 'none' };
    case 'leave':
    case 'superseded':
      return decision;
  }

  function propose(action: 'create' | 'announce'): PullDecision {
    const previous = closed[0] === undefined ? {} : { previous: closed[0].number };
    return declined() ?? (desired.full ? { action: 'waiting' } : { action, ...previous });
  }

  /** The same contents were closed before, and nobody has asked for them again. */
  function declined(): PullDecision | undefined {
    const it = closed.find(({ digest, labels }) => digest === desired.digest && !labels.includes(pullLabels.rebuild));
    if (it === undefined) return undefined;
    return { action: 'declined', pull: it.number, ...(open === undefined ? {} : { close: open.number }) };
  }
}
