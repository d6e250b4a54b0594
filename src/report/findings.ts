import type { Show } from '../model/text.ts';
import { describeAlert } from './alerts.ts';
import { describeHeld, groupHeld } from './held.ts';
import type { GeneratorReport, RunReport } from './run-report.ts';
import { describeKept, describeUnplanned, groupKept } from './words.ts';

/** Lines at most; the rest is counted. */
const most = 20;

/** What a person has to look at, a line each, for a log: what is held, what could not be read, and what is too old. */
export function findings({ generators, failed, alerts }: RunReport, show: Show): readonly string[] {
  const lines = [
    ...failed.map((it) => `held: ${describeUnplanned(it, show)}`),
    ...generators.flatMap((it) => heldIn(it, show)),
    ...generators.flatMap((it) => keptIn(it, show)),
    ...alerts.map((it) => `alert: ${describeAlert(it, show)}`),
  ];
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `… and ${rest} more: athenz-gitops plan lists all`] : lines;
}

function heldIn({ scopes }: GeneratorReport, show: Show): readonly string[] {
  return scopes.flatMap((scope) =>
    groupHeld(scope).flatMap((group) =>
      group.causes.map((cause) => `held: ${scope.label}: ${describeHeld(cause, group, show)}`),
    ),
  );
}

/** Without since when: that would be another line in each of the first runs. */
function keptIn({ generator: { words }, scopes }: GeneratorReport, show: Show): readonly string[] {
  return scopes.flatMap((scope) =>
    groupKept(scope).map(({ since: _, ...group }) => {
      return `unchanged (read failed): ${scope.label}: ${describeKept(group, words.nouns, show)}`;
    }),
  );
}
