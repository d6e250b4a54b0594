import { directKey } from '../core/split-direct.ts';
import { unitKey } from '../core/unit.ts';
import { seconds } from '../report/metrics/metric.ts';
import type { RunReport } from '../report/run-report.ts';
import { plansOf } from '../report/run-report.ts';
import type { RunOutcome } from './loop.ts';

/** What a report does not say of a run. */
export interface RunFacts {
  /** The generators that changes of objects wake. */
  readonly woken: readonly string[];
  /** As of `RunOutcome`. */
  readonly waitsUntil?: number;
}

/** What the loop does about a run: parts that could not be read, planned or proposed are tried again, held ones are not. */
export function outcomeOf(report: RunReport, { woken, ...waits }: RunFacts): RunOutcome {
  const read = report.generators.flatMap(({ generator, asOf }) =>
    woken.includes(generator.name) ? [Date.parse(asOf)] : [],
  );
  const expiries = plansOf(report).flatMap(({ nextExpiry }) => (nextExpiry === undefined ? [] : [seconds(nextExpiry)]));
  const kept = plansOf(report).flatMap((plan) =>
    plan.kept.map((it) => `${plan.generator} ${unitKey(it)} ${it.part ?? ''}`),
  );
  const unplanned = report.failed.map(({ generator }) => generator);
  const unproposed = report.proposals.flatMap(({ action, generator, scope }) => {
    // Others may have moved a branch that is committed to directly; a proposal is only ever moved by a run that knew more.
    const isUndone = action === 'failed' || (action === 'superseded' && scope === directKey);
    return isUndone ? [`${generator} scope ${scope}`] : [];
  });
  return {
    failed: [...kept, ...unplanned, ...unproposed],
    ...waits,
    ...(read.length === 0 ? {} : { readAt: Math.min(...read) }),
    ...(expiries.length === 0 ? {} : { expiry: Math.min(...expiries) * 1000 }),
  };
}
