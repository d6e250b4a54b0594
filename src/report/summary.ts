import type { Scope } from '../model/change.ts';
import type { Problem } from '../model/error.ts';
import type { RunResult } from '../model/result.ts';
import { checksNote, conclusion, footer } from './conclusion.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { type ApprovalPlace, approvalSentences, approvalsOf, unmatchedSentences } from './held.ts';
import { outcomeCell } from './outcome.ts';
import { details, type SectionLevel } from './sections.ts';
import { changeTable } from './table.ts';
import { count, tally } from './words.ts';

/** GitHub drops the summary of a step that is over a mebibyte. */
export const summaryLimit = 1024 * 1024;

/** How much is shown: rows of the first table, sections below it, and what each section holds. */
interface Level extends SectionLevel {
  readonly rowsAbove: number;
  readonly sections: number;
}

const all = Number.POSITIVE_INFINITY;

/** From everything to the most urgent. */
const levels: readonly Level[] = [
  { rowsAbove: all, sections: all, gainNames: all, lossNames: all, rows: all, lines: all },
  { rowsAbove: all, sections: all, gainNames: 10, lossNames: all, rows: 400, lines: 100 },
  { rowsAbove: 1000, sections: 100, gainNames: 0, lossNames: 10, rows: 100, lines: 20 },
  { rowsAbove: 200, sections: 20, gainNames: 0, lossNames: 0, rows: 10, lines: 5 },
  { rowsAbove: 20, sections: 0, gainNames: 0, lossNames: 0, rows: 0, lines: 0 },
  { rowsAbove: 0, sections: 0, gainNames: 0, lossNames: 0, rows: 0, lines: 0 },
];

/**
 * Writes the summary of a step of GitHub Actions: what became of each scope, then for each who gains and loses what, what
 * is held and how to approve it, and what could not be read. What is too long is counted.
 *
 * @param room bytes at most
 * @param place the workflow that runs it, and where its log is
 */
export function renderSummary(
  result: RunResult,
  scopes: readonly Scope[],
  room = summaryLimit,
  place: ApprovalPlace = {},
): string {
  const rows = rowsOf(result, scopes);
  for (const level of levels) {
    const text = write(result, rows, level, place);
    if (Buffer.byteLength(text) <= room) return text;
  }
  return '';
}

/** As `renderSummary`, of a run that came to no result. */
export function renderFailure({ code, message, next }: Problem): string {
  const todo = next === undefined ? '' : `\n\nNext: ${show(next)}`;
  return `## athenz-gitops failed\n\n${show(message)} (${code})${todo}\n`;
}

interface Row {
  readonly key: string;
  readonly scope?: Scope;
  readonly outcome: string;
  /** It needs action. */
  readonly urgent: boolean;
}

const urgentActions: readonly string[] = ['declined', 'blocked', 'failed'];

/** One for each scope with something to say, and for what was proposed for scopes that there are no more. */
function rowsOf(result: RunResult, scopes: readonly Scope[]): readonly Row[] {
  const named = new Map(scopes.map((scope) => [scope.key, scope]));
  const proposed = new Map(result.proposals.map((proposal) => [proposal.scope, proposal]));
  const rows = [...new Set([...named.keys(), ...proposed.keys()])].map((key): Row => {
    const [scope, proposal] = [named.get(key), proposed.get(key)];
    const outcome = proposal === undefined ? '' : outcomeCell(proposal, result);
    const urgent = urgentActions.includes(proposal?.action ?? '') || (scope?.held.length ?? 0) > 0;
    return { key, ...(scope === undefined ? {} : { scope }), outcome, urgent };
  });
  return rows.filter((row) => row.outcome !== '' || (row.scope !== undefined && hasWords(row.scope)));
}

function hasWords({ files, held, kept, staleKustomizations }: Scope): boolean {
  return files.length + held.length + kept.length + staleKustomizations.length > 0;
}

function write(result: RunResult, rows: readonly Row[], level: Level, place: ApprovalPlace): string {
  const parts = [
    `## athenz-gitops ${result.command}${result.dryRun ? ' (dry run)' : ''}`,
    conclusion(result),
    ...approvalSentences(approvalsOf(result.plan), place),
    ...unmatchedSentences(result.plan, show).map((it) => `⚠️ ${it}`),
    overview(rows, level.rowsAbove),
    checksNote(result),
    ...firstOf(rows, level.sections).flatMap((row) => section(row, level)),
    footer(result),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function overview(rows: readonly Row[], most: number): string {
  if (rows.length === 0) return '';
  const shown = firstOf(rows, most);
  const lines = shown.map(({ key, scope, outcome }) => `| ${showCode(key)} | ${access(scope)} | ${outcome} |`);
  const rest = rows.length - shown.length;
  const hidden = rest > 0 ? `… and ${count(rest, 'more scope')}` : '';
  if (lines.length === 0) return hidden;
  const table = ['| Scope | Access | Result |', '| --- | --- | --- |', ...lines].join('\n');
  return hidden === '' ? table : `${table}\n\n${hidden}`;
}

function access(scope: Scope | undefined): string {
  if (scope === undefined) return '';
  const { gains, losses, others } = tally(scope.changes);
  if (scope.files.length === 0) return 'no change';
  if (scope.changes.length === 0) return `${count(scope.files.length, 'file')}, nobody's access`;
  return [`${gains} gain`, `${losses} lose`, ...(others > 0 ? [count(others, 'permission change')] : [])].join(', ');
}

/** Those that need action come before the others when not all can be shown. */
function firstOf(rows: readonly Row[], most: number): readonly Row[] {
  if (rows.length <= most) return rows;
  return [...rows.filter((row) => row.urgent), ...rows.filter((row) => !row.urgent)].slice(0, most);
}

function section({ key, scope }: Row, level: Level): readonly string[] {
  if (scope === undefined || !hasWords(scope)) return [];
  return [`### ${showCode(key)}`, changeTable(scope.changes, level), ...details(scope, { approvals: [] }, level)];
}
