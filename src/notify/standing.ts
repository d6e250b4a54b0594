import { unitOf } from '../core/unit.ts';
import type { RunReport } from '../report/run-report.ts';
import type { StandingEvent } from './event.ts';

/** What stays so until a person acts: the same in every run until then. */
export function standingEvents({ generators, failed, proposals, alerts }: RunReport): readonly StandingEvent[] {
  const held = generators.flatMap(({ generator: { name: generator }, plan }) =>
    plan.held.map((it): StandingEvent => {
      const { code, message, next } = it;
      return { type: 'held', generator, ...unitOf(it), code, message, next };
    }),
  );
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
