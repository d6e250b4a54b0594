import type { Held } from '../core/change.ts';
import { unitOf } from '../core/unit.ts';
import { type Approval, approvalsIn, approvalsOf } from '../report/approval.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Accept, StandingEvent } from './event.ts';

/** What stays so until a person acts: the same in every run until then. */
export function standingEvents({ generators, failed, proposals, alerts }: RunReport): readonly StandingEvent[] {
  const held = generators.flatMap(({ generator: { name: generator }, plan }) => {
    const approvals = approvalsOf(plan);
    return plan.held.map((it): StandingEvent => {
      const { code, message, next } = it;
      return { type: 'held', generator, ...unitOf(it), code, message, next, ...acceptOf(it, approvals) };
    });
  });
  const blocked = proposals.flatMap(({ generator, scope, action, reason, pull }): readonly StandingEvent[] => {
    if (action !== 'blocked' && action !== 'declined' && action !== 'failed') return [];
    const why = reason === undefined ? {} : { reason };
    const url = pull === undefined ? {} : { url: pull.url };
    return [{ type: 'blocked', generator, scope, action, ...why, ...url }];
  });
  const stale = alerts.map(({ kind, generator, scope, since }): StandingEvent => {
    return { type: 'stale', what: kind, generator, ...(scope === undefined ? {} : { scope }), since };
  });
  const unplanned = failed.map(({ generator, problem }): StandingEvent => {
    return { type: 'failed', generator, code: problem.code, message: problem.message };
  });
  return [...held, ...blocked, ...stale, ...unplanned];
}

/** Where a digest approves something of it. */
function acceptOf(held: Held, approvals: readonly Approval[]): { readonly accept?: Accept } {
  const own = approvalsIn({ held: [held] }, approvals).map(({ what, digest }) => [`${what}s`, digest] as const);
  return own.length === 0 ? {} : { accept: Object.fromEntries(own) };
}
