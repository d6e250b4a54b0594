import type { Scope } from '../core/scope.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { type PullRequest, pullLabels } from '../model/pull.ts';
import { closingComment } from '../report/closing.ts';
import { showCode } from '../report/escape.ts';
import { type PullDecision, targetChanged } from './decide-pull.ts';
import type { Forge } from './forge.ts';
import { removeBranch, writeBranch } from './proposal.ts';
import type { ScopeBranch } from './publish.ts';
import { closingFacts, isCurrent, isWritten, labelsOf, markClosed, pullText, removes } from './pull-text.ts';
import { readMarker } from './read-marker.ts';
import type { Run } from './run.ts';
import type { Tips } from './tips.ts';

export interface PullOptions {
  readonly run: Run;
  readonly forge: Forge;
}

interface Applied {
  /** As it is afterwards. */
  readonly pull?: PullRequest;
  readonly commit?: string;
}

/** Does what was decided. Each step leaves behind what the next run can go on from. */
export async function applyDecision(
  options: PullOptions,
  decision: PullDecision,
  scopeBranch: ScopeBranch,
  tips: Tips,
  open: PullRequest | undefined,
): Promise<Applied> {
  const { run } = options;
  const { branch, wanted } = scopeBranch;
  switch (decision.action) {
    case 'create':
    case 'announce': {
      if (wanted === undefined) return {};
      const commit = decision.action === 'create' ? { commit: await writeBranch(run, branch, tips, wanted) } : {};
      return { ...commit, pull: await openPull(options, branch, wanted, decision.previous) };
    }
    case 'update': {
      if (wanted === undefined || open === undefined) return {};
      const commit = await writeBranch(run, branch, tips, wanted);
      await relabel(options, open, wanted);
      await refresh(options, open, wanted, isWritten);
      return { commit, pull: open };
    }
    case 'up-to-date':
      if (wanted !== undefined && open !== undefined) {
        await relabel(options, open, wanted);
        await refresh(options, open, wanted, isCurrent);
      }
      return {};
    case 'withdraw':
      return withdraw(
        options,
        scopeBranch,
        tips,
        open,
        closingComment(scopeBranch, run.assessment.generator.words, closingFacts(run)),
      );
    case 'declined': {
      const why = `The remaining changes of this pull request were declined in #${decision.pull}.`;
      return withdraw(options, scopeBranch, tips, open, why);
    }
    case 'delete':
      await removeBranch(run, scopeBranch, tips);
      return {};
    case 'blocked':
      if (open !== undefined && !open.labels.includes(pullLabels.blocked)) await explainBlock(options, open, decision);
      return {};
    case 'none':
    case 'leave':
    case 'waiting':
    case 'superseded':
      return {};
  }
}

async function openPull(
  options: PullOptions,
  branch: string,
  scope: Scope,
  previous: number | undefined,
): Promise<PullRequest> {
  const { run, forge } = options;
  const { warn, state } = run;
  const { base } = state;
  const { reviewers } = run.workspace.config.forge;
  const text = pullText(run, scope, { ...(previous === undefined ? {} : { previous }) });
  const pull = await forge.open(branch, base.branch, text);
  await orWarn(warn, () => forge.label(pull.number, labelsOf(scope)));
  if (reviewers.length > 0) await orWarn(warn, () => forge.requestReview(pull.number, reviewers));
  await refresh(options, pull, scope, isWritten);
  return pull;
}

/**
 * Writes title and body, unless the pull request has them already.
 *
 * @param has `isWritten` where the branch has moved: whoever may edit a body can write what the marker will be next;
 *   `isCurrent` where it has not: then what people have added stays
 */
async function refresh(
  { run, forge }: PullOptions,
  pull: PullRequest,
  scope: Scope,
  has: typeof isCurrent,
): Promise<void> {
  const { clock } = run.io;
  const text = pullText(run, scope, { pull });
  if (has(pull, text, clock.now())) return;
  const current = await forge.read(pull.number);
  const other = readMarker(current.body, clock.now())?.polled ?? '';
  // It was closed meanwhile, or a later run has written into it.
  if (current.state !== 'open' || other > run.assessment.asOf) return;
  const { state } = await forge.edit(pull.number, text);
  // Closed in between all the same: what they declined is what they saw.
  if (state === 'closed') await forge.edit(pull.number, { title: current.title, body: current.body });
}

/** Before the body is written, which says since when there are removals: then their label was set. */
async function relabel({ run, forge }: PullOptions, pull: PullRequest, scope: Scope): Promise<void> {
  const { warn } = run;
  const missing = missingLabels(pull, scope, run.io.clock.now());
  if (missing.length > 0) await orWarn(warn, () => forge.label(pull.number, missing));
  // A run may have been stopped after it had obeyed: what was asked for once must not hold for what is committed later.
  for (const label of [pullLabels.blocked, pullLabels.rebuild]) {
    if (pull.labels.includes(label)) await orWarn(warn, () => forge.unlabel(pull.number, label));
  }
}

/**
 * What is there by now is what people want, so labels come when there are none at all (a run was stopped before it set
 * them), and the one for removals when there have been no removals before.
 */
function missingLabels(pull: PullRequest, scope: Scope, now: number): readonly string[] {
  if (pull.labels.length === 0) return labelsOf(scope);
  const before = readMarker(pull.body, now);
  const since = before !== undefined && before.removals === undefined;
  return removes(scope) && since && !pull.labels.includes(pullLabels.removal) ? [pullLabels.removal] : [];
}

/** Closed first, in one request that also says it was us; then the branch: a run that is stopped in between is gone on with. */
async function withdraw(
  { run, forge }: PullOptions,
  scopeBranch: ScopeBranch,
  tips: Tips,
  open: PullRequest | undefined,
  why: string,
): Promise<Applied> {
  if (open !== undefined) {
    await forge.close(open.number, markClosed(open.body, run.io.clock.now()));
    await orWarn(run.warn, () => forge.comment(open.number, why));
  }
  const owner = tips.branches.get(scopeBranch.branch)?.owner;
  if (owner === 'bot' || owner === 'merged') await removeBranch(run, scopeBranch, tips);
  return open === undefined ? {} : { pull: { ...open, state: 'closed' } };
}

async function explainBlock(
  { run: { warn }, forge }: PullOptions,
  pull: PullRequest,
  { reason, target }: Extract<PullDecision, { action: 'blocked' }>,
): Promise<void> {
  // A branch may be called by anything that mentions people or closes issues.
  const why = target === undefined ? reason : targetChanged(showCode(target));
  await orWarn(warn, async () => {
    await forge.label(pull.number, [pullLabels.blocked]);
    await forge.comment(pull.number, `This pull request is no longer updated: ${why}.`);
  });
}

async function orWarn(warn: (message: string) => void, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    warn(reasonOf(error));
  }
}
