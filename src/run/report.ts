import { type ErrorCode, exitCode } from '../model/error.ts';
import { type ClusterInventory, skippedNamespaces } from '../model/inventory.ts';
import type { Proposal } from '../model/proposal.ts';
import type { Part, RunReport } from '../report/run-report.ts';
import type { Assessed, Assessment } from './assess.ts';

export interface ReportParts {
  readonly command: RunReport['command'];
  /** At least one. */
  readonly parts: readonly { readonly assessment: Assessment; readonly scopes: Part['scopes'] }[];
  readonly failed: Assessed['failed'];
  readonly inventory: readonly ClusterInventory[];
  readonly dryRun?: boolean;
  readonly base?: RunReport['base'];
  readonly pullRequest?: RunReport['pullRequest'];
  readonly proposals?: readonly Proposal[];
  /** Changes count as an exit code of their own. */
  readonly differencesMatter?: boolean;
}

/** Puts together what a run came to, with the exit code it ends with. */
export function buildReport(given: ReportParts): RunReport {
  const { command, failed, inventory, dryRun = false, base, pullRequest, proposals = [] } = given;
  const [first, ...rest] = given.parts.map(({ assessment, scopes }): Part => {
    const { generator, asOf, sources, plan } = assessment;
    return { generator, asOf, sources, plan, scopes };
  });
  if (first === undefined) throw new TypeError('a run without any plan has no report');
  return {
    command,
    exitCode: exitCodeOfRun(given, proposals),
    dryRun,
    parts: [first, ...rest],
    failed,
    skippedNamespaces: skippedNamespaces(inventory),
    ...(base === undefined ? {} : { base: { branch: base.branch, commit: base.commit } }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    proposals,
  };
}

/** By precedence: failed, held back, could not be read, differences where they matter, done. */
function exitCodeOfRun(
  { parts, failed, differencesMatter = false }: ReportParts,
  proposals: readonly Proposal[],
): number {
  const plans = parts.map(({ assessment }) => assessment.plan);
  const codes = failed.map(({ problem }) => problem.code);
  if (codes.includes('INTERNAL') || proposals.some((proposal) => proposal.action === 'failed')) return exitCode.failure;
  const wrong = codes.some((code) => !isUnreadable(code));
  if (wrong || plans.some(({ held }) => held.length > 0) || proposals.some(isHeld)) return exitCode.held;
  if (codes.length > 0 || plans.some(({ kept }) => kept.length > 0)) return exitCode.partial;
  const differs = plans.some(({ files }) => files.length > 0);
  return differencesMatter && differs ? exitCode.differences : exitCode.done;
}

/** It is blocked, or its removal was declined: what it would remove stays. */
function isHeld({ action, removalsSince }: Proposal): boolean {
  return action === 'blocked' || (action === 'declined' && removalsSince !== undefined);
}

/** A source could not be read, which is nobody's mistake in the input. */
function isUnreadable(code: ErrorCode): boolean {
  return /^(ZMS|CLUSTER)_/.test(code);
}
