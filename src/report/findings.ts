import { namesOf, type UnitId } from '../core/unit.ts';
import type { Show } from '../model/text.ts';
import { describeAlert } from './alerts.ts';
import type { RunReport } from './run-report.ts';

/** Lines at most; the rest is counted. */
const most = 20;

/** What a person has to look at, a line each, for a log: what is held, what could not be read, and what is too old. */
export function findings({ generators, alerts }: RunReport, show: Show): readonly string[] {
  const place = (it: UnitId) => [it.cluster, ...namesOf(it)].map(show).join('/');
  const held = generators.flatMap(({ plan }) =>
    plan.held.map((it) => `held: ${place(it)}: ${show(it.message)} (${it.code}); ${show(it.next)}`),
  );
  const kept = generators.flatMap(({ plan }) =>
    plan.kept.map(({ part, problem, ...it }) => {
      const where = part === undefined ? place(it) : `${place(it)} ${show(part)}`;
      return `unchanged (read failed): ${where}: ${problem.code}: ${show(problem.message)}`;
    }),
  );
  const lines = [...held, ...kept, ...alerts.map((it) => `alert: ${describeAlert(it, show)}`)];
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `… and ${rest} more: athenz-gitops plan lists all`] : lines;
}
