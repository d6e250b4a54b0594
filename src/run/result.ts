import type { Plan } from '../model/change.ts';
import { exitCode } from '../model/error.ts';
import type { Proposal, ResultPlan, RunResult } from '../model/result.ts';
import type { Assessment } from './assess.ts';

export interface ResultParts {
  readonly command: RunResult['command'];
  readonly assessment: Assessment;
  readonly requests: number;
  readonly dryRun?: boolean;
  readonly base?: RunResult['base'];
  readonly pullRequest?: RunResult['pullRequest'];
  readonly proposals?: readonly Proposal[];
  /** Changes count as an exit code of their own. */
  readonly differencesMatter?: boolean;
}

/** Puts a run's result together, with the exit code it ends with. */
export function buildResult(parts: ResultParts): RunResult {
  const { plan, snapshot } = parts.assessment;
  const reads = [...snapshot.domains.values()];
  const proposals = parts.proposals ?? [];
  return {
    format: 'athenz-gitops run 1',
    command: parts.command,
    exitCode: exitCodeOfRun(plan, proposals, parts.differencesMatter === true),
    dryRun: parts.dryRun === true,
    polledAt: snapshot.takenAt,
    zmsUrl: snapshot.zmsUrl,
    domains: {
      needed: reads.length,
      read: reads.filter((read) => read.kind === 'value').length,
      unknown: reads.filter((read) => read.kind === 'unknown').length,
    },
    requests: parts.requests,
    ...(parts.base === undefined ? {} : { base: parts.base }),
    ...(parts.pullRequest === undefined ? {} : { pullRequest: parts.pullRequest }),
    plan: toResultPlan(plan),
    proposals,
  };
}

/** What a result tells of a plan. */
export function toResultPlan({ files, proofs: _, ...plan }: Plan): ResultPlan {
  return {
    ...plan,
    files: files.map(({ path, cluster, namespace, before, after }) => ({
      path,
      cluster,
      namespace,
      action: after === undefined ? 'remove' : before === undefined ? 'add' : 'change',
    })),
  };
}

/** By precedence: failed, held back, could not be read, differences where they matter, done. */
function exitCodeOfRun(plan: Plan, proposals: readonly Proposal[], differencesMatter: boolean): number {
  if (proposals.some((proposal) => proposal.action === 'failed')) return exitCode.failure;
  if (plan.held.length > 0 || proposals.some(isHeld)) return exitCode.held;
  if (plan.kept.length > 0) return exitCode.partial;
  return differencesMatter && plan.files.length > 0 ? exitCode.differences : exitCode.done;
}

/** It is blocked, or its removal of access was declined: that access stays. */
function isHeld({ action, removalsSince }: Proposal): boolean {
  return action === 'blocked' || (action === 'declined' && removalsSince !== undefined);
}
