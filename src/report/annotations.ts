import { namesOf, type UnitId } from '../core/unit.ts';
import type { Problem } from '../model/error.ts';
import { sentence } from '../model/text.ts';
import { describeAlert } from './alerts.ts';
import type { RunReport } from './run-report.ts';
import { visible } from './visible.ts';

/** What GitHub Actions shows at the top of a run. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  /** Holds text from outside. */
  readonly message: string;
}

/** GitHub keeps so many of each level in a step. */
const most = 10;

/** What a person has to look at: what failed, what is held, what could not be read, and what is too old. */
export function annotationsOf({ generators, failed, proposals, alerts }: RunReport): readonly Annotation[] {
  const place = (it: UnitId) => [it.cluster, ...namesOf(it)].join('/');
  const warning = (title: string, message: string): Annotation => ({ level: 'warning', title, message });
  return [
    ...failed.map(({ generator, problem }) => annotationOf(`${generator} was not planned`, problem)),
    ...proposals.flatMap(({ action, branch, reason = '', next }): readonly Annotation[] =>
      action === 'failed'
        ? [{ level: 'error', title: 'Failed to propose', message: sentences(`${branch}: ${reason}`, next) }]
        : [],
    ),
    ...generators.flatMap(({ plan }) => [
      ...plan.held.map((it) => warning('Held', sentences(`${place(it)}: ${it.message} (${it.code})`, it.next))),
      ...plan.kept.map(({ part, problem, ...it }) => {
        const where = part === undefined ? place(it) : `${place(it)} ${part}`;
        return warning('Unchanged (read failed)', `${where}: ${problem.code}: ${problem.message}`);
      }),
    ]),
    ...alerts.map((it) =>
      warning(
        'Alert',
        describeAlert(it, (text) => text),
      ),
    ),
  ];
}

/** Of what ended a run. */
export function annotationOf(title: string, { code, message, next }: Problem): Annotation {
  return { level: 'error', title: `${title} (${code})`, message: sentences(message, next) };
}

function sentences(message: string, next: string | undefined): string {
  return next === undefined ? message : `${message}. ${sentence(next)}`;
}

/**
 * Commands for the runner, a line each; what is more than GitHub keeps is counted. No text in them ends a line or begins a command
 * of its own: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function annotationLines(annotations: readonly Annotation[]): string {
  const lines = (['error', 'warning'] as const).flatMap((level) => {
    const all = annotations.filter((it) => it.level === level);
    const shown = all.length > most ? all.slice(0, most - 1) : all;
    const rest = all.length - shown.length;
    const more = { level, title: 'athenz-gitops', message: `and ${rest} more: see the log and the summary` };
    return [...shown, ...(rest > 0 ? [more] : [])].map(lineOf);
  });
  return lines.map((line) => `${line}\n`).join('');
}

function lineOf({ level, title, message }: Annotation): string {
  return `::${level} title=${escapeProperty(visible(title))}::${escapeData(visible(message, 2000))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
