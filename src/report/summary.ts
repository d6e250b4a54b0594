import type { Scope } from '../core/scope.ts';
import type { Words } from '../core/words.ts';
import type { Problem } from '../model/error.ts';
import type { Proposal } from '../model/proposal.ts';
import { capital, count } from '../model/text.ts';
import { describeAlert } from './alerts.ts';
import { type ApprovalPlace, approvalSentences, approvalsOfAll, unmatchedSentences } from './approval.ts';
import { checksNote, conclusion, footer } from './conclusion.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { outcomeCell } from './outcome.ts';
import type { RunReport } from './run-report.ts';
import { details, type SectionLevel } from './sections.ts';
import { changeTable } from './table.ts';
import { isWorthTelling, tally } from './words.ts';

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
export function renderSummary(report: RunReport, room = summaryLimit, place: ApprovalPlace = {}): string {
  const rows = rowsOf(report);
  for (const level of levels) {
    const text = write(report, rows, level, place);
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
  readonly label: string;
  readonly scope?: Scope;
  readonly words?: Words<unknown>;
  readonly outcome: string;
  /** It needs action. */
  readonly urgent: boolean;
}

const urgentActions: readonly string[] = ['declined', 'blocked', 'failed'];

/** One row for each scope with something to report, and for each proposal whose scope no longer exists. */
function rowsOf(report: RunReport): readonly Row[] {
  const { generators, proposals, dryRun } = report;
  const [{ asOf }] = generators;
  const told = (proposal: Proposal | undefined) =>
    proposal === undefined ? '' : outcomeCell(proposal, { dryRun, asOf });
  const isUrgent = (proposal: Proposal | undefined) => urgentActions.includes(proposal?.action ?? '');
  const proposed = new Map(proposals.map((it) => [keyOf(it.generator, it.scope), it]));
  const rows = generators.flatMap(({ generator, scopes }) =>
    scopes.map((scope): Row => {
      const key = keyOf(generator.name, scope.key);
      const proposal = proposed.get(key);
      proposed.delete(key);
      const urgent = isUrgent(proposal) || scope.held.length > 0;
      return { label: scope.label, scope, words: generator.words, outcome: told(proposal), urgent };
    }),
  );
  const others = [...proposed.values()].map((proposal): Row => {
    return { label: proposal.scope, outcome: told(proposal), urgent: isUrgent(proposal) };
  });
  return [...rows, ...others].filter(
    ({ outcome, scope }) => outcome !== '' || (scope !== undefined && isWorthTelling(scope)),
  );
}

function keyOf(generator: string, scope: string): string {
  return `${generator}\0${scope}`;
}

function write(report: RunReport, rows: readonly Row[], level: Level, place: ApprovalPlace): string {
  const parts = [
    `## athenz-gitops ${report.command}${report.dryRun ? ' (dry run)' : ''}`,
    conclusion(report),
    ...report.alerts.map((it) => `⏱️ ${capital(describeAlert(it, show))}.`),
    ...approvalSentences(approvalsOfAll(report.generators), place),
    ...unmatchedSentences(report.generators, show).map((it) => `⚠️ ${it}`),
    overview(report, rows, level.rowsAbove),
    checksNote(report),
    ...firstOf(rows, level.sections).flatMap((row) => section(row, level)),
    footer(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function overview({ generators }: RunReport, rows: readonly Row[], most: number): string {
  if (rows.length === 0) return '';
  const shown = firstOf(rows, most);
  const lines = shown.map((row) => `| ${showCode(row.label)} | ${tallyCell(row)} | ${row.outcome} |`);
  const rest = rows.length - shown.length;
  const hidden = rest > 0 ? `… and ${count(rest, 'more scope')}` : '';
  if (lines.length === 0) return hidden;
  const [heading, ...others] = new Set(generators.map(({ generator }) => generator.words.headings.tally));
  const table = [
    `| Scope | ${others.length === 0 ? heading : 'Changes'} | Result |`,
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
  return hidden === '' ? table : `${table}\n\n${hidden}`;
}

function tallyCell({ scope, words }: Row): string {
  if (scope === undefined || words === undefined) return '';
  if (scope.files.length === 0) return 'no change';
  const parts = words.tally(tally(scope.changes));
  return parts.length === 0 ? `${count(scope.files.length, 'file')}, ${words.nothing}` : parts.join(', ');
}

/** Those that need action come before the others when not all can be shown. */
function firstOf(rows: readonly Row[], most: number): readonly Row[] {
  if (rows.length <= most) return rows;
  return [...rows.filter((row) => row.urgent), ...rows.filter((row) => !row.urgent)].slice(0, most);
}

function section({ label, scope, words }: Row, level: Level): readonly string[] {
  if (scope === undefined || words === undefined || !isWorthTelling(scope)) return [];
  const table = changeTable(scope.changes, words, level);
  return [`### ${showCode(label)}`, table, ...details(scope, words, { approvals: [] }, level)];
}
