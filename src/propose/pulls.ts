import { branchFolder } from '../git/base-refs.ts';
import type { ProposedPull } from '../model/proposal.ts';
import type { PullRequest } from '../model/pull.ts';
import type { BranchState } from './decide.ts';
import { decidePull, type PullDecision, type PullState } from './decide-pull.ts';
import { hasToWait, waitsForPushes } from './move-refs.ts';
import { ownershipOf } from './ownership.ts';
import { rememberProofs } from './proofs.ts';
import { branchStateOf, desiredBranchOf, heldReason } from './proposal.ts';
import type { Attempt, ProposalResult, ScopeBranch } from './publish.ts';
import { applyDecision, type PullOptions } from './pull-effects.ts';
import { ownerOfPull } from './pull-owner.ts';
import { removalsSince, removes, startsNoChecks } from './pull-text.ts';
import { readMarker } from './read-marker.ts';
import type { Run } from './run.ts';
import type { OwnTips } from './tips.ts';

/** Proposes as pull requests. Those that are open are listed once, when the first scope is proposed. */
export function proposePulls(options: PullOptions): Attempt {
  const { run, forge } = options;
  const { base } = run.state;
  const { now } = run.io.clock;
  let listed: Promise<Map<string, PullRequest>> | undefined;

  return async (scopeBranch, tips) => {
    listed ??= forge.openPulls(branchFolder(base.branch), base.branch).then((pulls) => new Map(pulls));
    const pulls = await listed;
    const open = pulls.get(scopeBranch.branch);
    const seen = branchStateOf(tips.branches.get(scopeBranch.branch));
    const settled = open !== undefined && seen?.digest === scopeBranch.wanted?.digest;
    const orphan = open === undefined && seen?.owner === 'human';
    const past =
      orphan || (scopeBranch.wanted !== undefined && !settled) ? await forge.pastPulls(scopeBranch.branch) : [];
    const state = seen && past.some((it) => hasMerged(it, base.branch, seen.tip)) ? merged(seen) : seen;
    const { maxOpenPullRequests } = run.workspace.config.forge;
    const own = [...pulls.values()].filter((pull) => isOwn(pull, run, tips));
    const full = own.length >= maxOpenPullRequests && !removes(scopeBranch.scope);
    const desired = { ...desiredBranchOf(run, scopeBranch), base: base.branch, full };
    const decision = decidePull(desired, state, {
      ...(open === undefined ? {} : { open }),
      closed: closedOf(past, now()),
    });

    const writes = decision.action === 'create' || decision.action === 'update';
    if (writes && !run.dryRun && hasToWait(run)) {
      return { ...waitsForPushes, ...factsOf(scopeBranch, { now: now(), pull: open, commit: undefined }).waits };
    }
    const done = run.dryRun ? {} : await applyDecision(options, decision, scopeBranch, tips, open);
    if (!run.dryRun && decision.action !== 'superseded') {
      await rememberProofs(run, scopeBranch, tips, done.commit !== undefined);
    }
    const pull = done.pull ?? open ?? past.find((it) => 'pull' in decision && it.number === decision.pull);
    if (done.pull?.state === 'open') pulls.set(scopeBranch.branch, done.pull);
    else if (done.pull !== undefined) pulls.delete(scopeBranch.branch);
    return resultOf(decision, scopeBranch, { now: now(), pull, commit: done.commit });
  };
}

/** Whether a pull request counts as this config's: by its branch, else, as when another run has just made it, by itself. */
function isOwn(pull: PullRequest, { io, state }: Run, { branches, foreign }: OwnTips): boolean {
  if (branches.has(pull.branch) || foreign.has(pull.branch)) return branches.has(pull.branch);
  const ownedBy = ownerOfPull(pull, state.base.branch, io.clock.now());
  return ownershipOf({ ownedBy }, state.claim).kind === 'own';
}

/** Squashed or rebased, commits of people are in the base as other ones: their branch has done its work. */
function hasMerged({ state, base, head }: PullRequest, into: string, tip: string): boolean {
  return state === 'merged' && base === into && head === tip;
}

function merged(branch: BranchState): BranchState {
  return { ...branch, owner: 'merged' };
}

/** Those that a person has closed: ours say so themselves. */
function closedOf(past: readonly PullRequest[], now: number): PullState['closed'] {
  return past.flatMap(({ state, number, labels, body }) => {
    const marker = readMarker(body, now);
    if (state !== 'closed' || marker?.closed) return [];
    return [{ number, labels, ...(marker?.digest === undefined ? {} : { digest: marker.digest }) }];
  });
}

/** What is known once a decision was carried out. */
interface Done {
  readonly now: number;
  readonly pull: PullRequest | undefined;
  readonly commit: string | undefined;
}

/** `waits`: also since when removals wait. */
function factsOf({ scope }: ScopeBranch, { now, pull, commit }: Done) {
  const about = {
    ...(pull === undefined ? {} : { pull: toProposed(pull) }),
    ...(commit === undefined ? {} : { commit }),
  };
  const since = removes(scope) && pull !== undefined ? (removalsSince(pull, now) ?? pull.createdAt) : undefined;
  return { about, waits: since === undefined ? about : { ...about, removalsSince: since } };
}

/** What is reported of it: the same words as for a branch alone, with the pull request. */
function resultOf(decision: PullDecision, scopeBranch: ScopeBranch, done: Done): ProposalResult {
  const { about, waits } = factsOf(scopeBranch, done);
  switch (decision.action) {
    case 'announce':
      return { action: 'create', ...about };
    case 'withdraw':
    case 'delete':
      return { action: 'delete', ...heldReason(scopeBranch), ...about };
    case 'declined':
      return { action: 'declined', reason: `#${decision.pull}, which proposed the same, was closed`, ...waits };
    case 'waiting':
      return { action: 'waiting', reason: 'forge.maxOpenPullRequests pull requests are open' };
    case 'blocked':
    case 'leave':
    case 'superseded':
      return { action: decision.action, reason: decision.reason, ...waits };
    case 'up-to-date':
      return { action: 'up-to-date', ...waits };
    case 'none':
    case 'create':
    case 'update':
      return { action: decision.action, ...about };
  }
}

function toProposed(pull: PullRequest): ProposedPull {
  const { number, url, state } = pull;
  return { number, url, state, ...(state === 'open' && startsNoChecks(pull) ? { startsNoChecks: true } : {}) };
}
