import type { Change } from '../core/change.ts';
import type { Scope } from '../core/scope.ts';
import type { UnitId } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import { count, type Show, shortTime } from '../model/text.ts';
import { describeAlert } from './alerts.ts';
import { approvalsOfAll, approvedSentences, describeApproval, unmatchedSentences } from './approval.ts';
import { describeCause, describeHeld, describeMany, emptiedSentences, groupHeld, type HeldGroup } from './held.ts';
import { type Paint, painter } from './paint.ts';
import { type Row, toRows } from './rows.ts';
import { type RunReport, sourcesOf } from './run-report.ts';
import { skippedSentences } from './skipped.ts';
import { describeStale } from './stale.ts';
import { visible } from './visible.ts';
import { describeKept, describeUnplanned, groupKept, headline, isWorthTelling, placeIn } from './words.ts';

/** Of the text alone: `visible` takes a limit too, which `names.map(visible)` would make of an index. */
const show: Show = (text) => visible(text);
const medium = { show, code: show };

/** Lines of a list that are shown; the rest is counted. */
const most = 20;

export interface TerminalOptions {
  readonly color: boolean;
}

/** What a run found, for a person at a terminal: per scope what is added and removed, then what was left alone and why. */
export function renderText(report: RunReport, { color }: TerminalOptions): string {
  const paint = painter(color);
  const { generators, base, pullRequest, failed } = report;
  const told = generators.flatMap(({ generator: { words }, scopes }) =>
    scopes.filter(isWorthTelling).map((scope) => renderScope(scope, words, paint)),
  );
  for (const it of failed) told.push(`${paint('yellow', 'held')}: ${describeUnplanned(it, show)}\n`);
  if (told.length === 0) told.push(`No changes. Git matches ${generators[0].generator.words.nouns.source}.\n`);
  if (pullRequest !== undefined && base !== undefined) {
    const own = `config, namespaces and templates of this pull request (${pullRequest.commit.slice(0, 12)})`;
    told.push(`${own}, output of ${show(base.branch)} (${base.commit.slice(0, 12)})\n`);
  }
  const skipped = [
    ...generators.flatMap(({ generator: { words }, plan }) => words.skipped(plan.notes, show)),
    ...skippedSentences(report.skippedNamespaces, show),
  ].map((sentence) => `${paint('dim', `skipped: ${sentence}`)}\n`);
  if (skipped.length > 0) told.push(skipped.join(''));
  const approvals = approvalsOfAll(generators).map(
    (it) => `\nto approve exactly ${describeApproval(it)} listed above: --${it.name} ${it.digest}\n`,
  );
  const unmatched = unmatchedSentences(generators, show).map((it) => `\n${paint('yellow', 'not approved')}: ${it}\n`);
  const alerts = report.alerts.map((it) => `\n${paint('yellow', 'alert')}: ${describeAlert(it, show)}\n`);
  return `${told.join('\n')}${[...alerts, ...approvals, ...unmatched].join('')}${paint('dim', `\n${readWords(report)}`)}\n`;
}

/** `read 67 domains with 70 requests, as of …, compared with main at …` */
function readWords(report: RunReport): string {
  const { generators, base } = report;
  const read = sourcesOf(report).map(
    ({ read, noun, requests }) => `${count(read, noun)} with ${count(requests, 'request')}`,
  );
  const compared = base === undefined ? '' : `, compared with ${show(base.branch)} at ${base.commit.slice(0, 12)}`;
  return `read ${read.length === 0 ? 'git' : read.join(', ')}, as of ${shortTime(generators[0].asOf)}${compared}`;
}

function renderScope(scope: Scope, words: Words<unknown>, paint: Paint): string {
  const place = (unit: UnitId) => placeIn(scope, unit);
  const { rows, causes } = toRows(scope.changes, words, show);
  const named = causes.map((line) => `  ${line}`);
  const lines = [
    `${paint('bold', scope.label)}  ${headline(scope, words)}`,
    '',
    ...named,
    ...(named.length > 0 ? [''] : []),
  ];
  for (const [where, some] of byPlace(rows, headingOf(scope, words)))
    lines.push(`  ${where}`, ...alignRows(some, paint), '');
  const yellow = (label: string, text: string) => lines.push(`  ${paint('yellow', label)}: ${text}`);
  for (const { label, places } of words.warnings(scope.notes, place, medium))
    for (const it of places) yellow(label, it);
  for (const sentence of approvedSentences(scope, words)) yellow('approved', sentence);
  for (const group of groupHeld(scope)) lines.push(...heldLines(scope, words, group, paint));
  for (const text of scope.staleKustomizations.flatMap((it) => describeStale(it, show))) yellow('warning', text);
  for (const group of groupKept(scope)) yellow('unchanged (read failed)', describeKept(group, words.nouns, show));
  for (const { label, lines: list } of words.sections(scope.notes, place, medium)) {
    if (label === undefined) continue;
    lines.push(...list.slice(0, most).map((line) => paint('dim', `  ${label}: ${line}`)));
    if (list.length > most) lines.push(paint('dim', `  … and ${list.length - most} more ${label}`));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One cause in one line, with what to do; then everything that it holds, as whoever approves it has to see it. */
function heldLines(scope: Scope, words: Words<unknown>, group: HeldGroup, paint: Paint): readonly string[] {
  const { causes, changes, code, next } = group;
  const held = paint('yellow', 'held');
  const lines = causes.map((cause) => describeCause(cause, show));
  if (lines.length > 1)
    return [`  ${held}: ${describeMany(lines.length, code)}. For each: ${next}`, ...lines.map((line) => `    ${line}`)];
  const told = toRows(changes, words, show);
  const people = [...byPlace(told.rows, headingOf(scope, words))].flatMap(([where, some]) => [
    `    ${where}`,
    ...alignRows(some, paint).map((line) => `  ${line}`),
  ]);
  // All of them: whoever approves has to see what that leaves empty.
  const emptied = emptiedSentences(group, scope, words, show, Number.POSITIVE_INFINITY);
  return [
    ...causes.map((cause) => `  ${held}: ${describeHeld(cause, group, show)}`),
    ...[...emptied, ...told.causes].map((line) => `    ${line}`),
    ...people,
  ];
}

function byPlace(rows: Iterable<Row>, place: (change: Change) => string): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(rows, ({ change }) => show(place(change)));
}

function headingOf(scope: Scope, words: Words<unknown>): (change: Change) => string {
  return (change) => {
    const heading = words.heading?.(change);
    if (heading === undefined) return placeIn(scope, change);
    return scope.totals.length > 1 ? `${change.cluster}: ${heading}` : heading;
  };
}

const colors = { '+': 'green', '-': 'red', '~': 'yellow' } as const;

/** Lines of a list with their columns below each other. */
export function alignRows(
  rows: readonly Pick<Row, 'sign' | 'who' | 'part' | 'why'>[],
  paint: Paint,
): readonly string[] {
  const who = Math.min(40, Math.max(...rows.map((row) => row.who.length)));
  const parts = rows.map(({ part }) => show(part));
  const part = Math.min(40, Math.max(...parts.map(({ length }) => length)));
  return rows.map((row, index) => {
    const line = `    ${row.sign} ${row.who.padEnd(who)}  ${(parts[index] ?? '').padEnd(part)}  ${row.why}`;
    return paint(colors[row.sign], line.trimEnd());
  });
}
