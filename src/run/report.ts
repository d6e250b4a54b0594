import { type ErrorCode, exitCode } from '../model/error.ts';
import { type ClusterInventory, skippedNamespaces } from '../model/inventory.ts';
import type { Proposal } from '../model/proposal.ts';
import { type AlertAges, alertsOf } from '../report/alerts.ts';
import type { GeneratorReport, RunReport } from '../report/run-report.ts';
import type { Assessed, Assessment } from './assess.ts';

export interface ReportInput {
  readonly command: RunReport['command'];
  /** At least one. */
  readonly planned: readonly { readonly assessment: Assessment; readonly scopes: GeneratorReport['scopes'] }[];
  readonly failed: Assessed['failed'];
  readonly inventory: readonly ClusterInventory[];
  readonly dryRun?: boolean;
  readonly base?: RunReport['base'];
  readonly pullRequest?: RunReport['pullRequest'];
  readonly proposals?: readonly Proposal[];
  /** Of the config. */
  readonly alerts?: AlertAges;
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Changes count as an exit code of their own. */
  readonly differencesMatter?: boolean;
}

/** Puts together what a run came to, with the exit code it ends with. */
export function buildReport(input: ReportInput): RunReport {
  const { command, failed, inventory, dryRun = false, base, pullRequest, proposals = [] } = input;
  const [first, ...rest] = input.planned.map(({ assessment, scopes }): GeneratorReport => {
    const { generator, asOf, sources, plan } = assessment;
    return { generator, asOf, sources, plan, scopes };
  });
  if (first === undefined) throw new TypeError('a run without any plan has no report');
  const { alerts = noAlerts, now = 0 } = input;
  const generators = [first, ...rest] as const;
  return {
    command,
    alerts: alertsOf({ generators, proposals }, alerts, now),
    exitCode: exitCodeOfRun(input, proposals),
    dryRun,
    generators,
    failed,
    skippedNamespaces: skippedNamespaces(inventory),
    ...(base === undefined ? {} : { base: { branch: base.branch, commit: base.commit } }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    proposals,
  };
}

const noAlerts: AlertAges = { unread: null, removals: null };

/** By precedence: failed, held back, could not be read, differences where they matter, done. */
function exitCodeOfRun(
  { planned, failed, differencesMatter = false }: ReportInput,
  proposals: readonly Proposal[],
): number {
  const plans = planned.map(({ assessment }) => assessment.plan);
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

/** A source could not be read: not an error of the input. */
function isUnreadable(code: ErrorCode): boolean {
  return /^(ZMS|CLUSTER|GIT)_/.test(code);
}
