import { exitCode } from '../../model/error.ts';
import type { ProposalAction } from '../../model/proposal.ts';
import type { RunReport } from '../run-report.ts';
import { generatorMetrics } from './generator.ts';
import { counter, gauge, type Metric, plain, seconds } from './metric.ts';
import { sourceMetrics } from './source.ts';

/** A run that has ended. */
export interface MeteredRun {
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly ended: number;
  readonly version: string;
  readonly exitCode: number;
  /** Not set where the run came to none. */
  readonly report?: RunReport;
}

/** The metrics of one run. What the run did not get to is left out, and keeps its last value. */
export function runMetrics(run: MeteredRun): readonly Metric[] {
  const { began, ended, version, report } = run;
  // A clock may be set back; a counter that is asked to go down throws.
  const took = Math.max(0, ended - began) / 1000;
  // Held and unread parts need a person, and have metrics of their own: the run itself has done its job.
  const succeeded = run.exitCode !== exitCode.failure && run.exitCode !== exitCode.usage && report !== undefined;
  return [
    gauge('athenz_gitops_build_info', 'Version of athenz-gitops.', [{ labels: { version }, value: 1 }]),
    gauge('athenz_sync_duration_seconds', 'Duration of the last run.', plain(took)),
    counter('athenz_gitops_runs_total', 'Runs by exit code.', [
      { labels: { exit_code: String(run.exitCode) }, value: 1 },
    ]),
    counter('athenz_gitops_run_seconds_total', 'Time spent in runs.', plain(took)),
    gauge('athenz_gitops_last_run_timestamp_seconds', 'End of the last run.', plain(ended / 1000)),
    gauge('athenz_gitops_last_run_exit_code', 'Exit code of the last run.', plain(run.exitCode)),
    ...(succeeded ? [lastSuccess(ended)] : []),
    ...(report === undefined
      ? []
      : [...sourceMetrics(report), ...generatorMetrics(report), ...proposalMetrics(report)]),
  ];
}

function lastSuccess(ended: number): Metric {
  const help = 'End of the last run that read the sources and proposed what is not held.';
  return gauge('athenz_gitops_last_success_timestamp_seconds', help, plain(ended / 1000));
}

/** All that may become of a proposal, but for nothing. */
const actions: Readonly<Record<Exclude<ProposalAction, 'none'>, true>> = {
  commit: true,
  create: true,
  update: true,
  'up-to-date': true,
  delete: true,
  leave: true,
  waiting: true,
  declined: true,
  blocked: true,
  superseded: true,
  failed: true,
};

function proposalMetrics({ proposals, generators, failed }: RunReport): readonly Metric[] {
  const samples = generators.flatMap(({ generator: { name: generator } }) =>
    Object.keys(actions).map((action) => ({
      labels: { generator, action },
      value: proposals.filter((it) => it.generator === generator && it.action === action).length,
    })),
  );
  const waiting = proposals.flatMap(({ removalsSince }) =>
    removalsSince === undefined ? [] : [seconds(removalsSince)],
  );
  return [
    {
      ...gauge('athenz_gitops_proposals', 'Proposals by what the last run did with them.', samples),
      silent: failed.map(({ generator }) => generator),
    },
    gauge(
      'athenz_gitops_oldest_waiting_removal_timestamp_seconds',
      'Since when the oldest proposed removal waits to be merged; 0: none does.',
      plain(waiting.length === 0 ? 0 : Math.min(...waiting)),
    ),
  ];
}
