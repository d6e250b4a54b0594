import { styleText } from 'node:util';
import type { AccessChange, Scope } from '../model/change.ts';
import { unreachable } from '../model/outcome.ts';
import type { RunResult } from '../model/result.ts';
import { type Causes, causeLines, causesOf, whyOf } from './causes.ts';
import {
  approvalsOf,
  describeApproval,
  describeCause,
  describeMany,
  emptiedPlaces,
  emptiedSentences,
  groupHeld,
  type HeldGroup,
  letThroughSentences,
  unmatchedSentences,
} from './held.ts';
import { skippedSentences } from './skipped.ts';
import { describeStale } from './stale.ts';
import { visible } from './visible.ts';
import {
  count,
  describePermissionChange,
  describeSubject,
  dropWords,
  groupKept,
  placeIn,
  type Show,
  shortTime,
  someOf,
  tally,
  whyGain,
} from './words.ts';

/** Of the text alone: `visible` takes a limit too, which `names.map(visible)` would make of an index. */
const show: Show = (text) => visible(text);

export interface TerminalOptions {
  readonly color: boolean;
}

export type Color = 'green' | 'red' | 'yellow' | 'bold' | 'dim';

/** What a run found, for a person at a terminal: per scope who gains and loses what, then what was left alone and why. */
export function renderText(result: RunResult, scopes: readonly Scope[], { color }: TerminalOptions): string {
  const paint = (style: Color, text: string) => (color ? styleText(style, text, { validateStream: false }) : text);
  const polled = `read ${count(result.domains.read, 'domain')} with ${count(result.requests, 'request')}`;
  const parts = scopes.filter((scope) => isWorthTelling(scope)).map((scope) => renderScope(scope, paint));
  if (parts.length === 0) parts.push('No changes. Git matches Athenz.\n');
  const { base, pullRequest } = result;
  if (pullRequest !== undefined && base !== undefined) {
    const own = `config, namespaces and templates of this pull request (${pullRequest.commit.slice(0, 12)})`;
    parts.push(`${own}, output of ${show(base.branch)} (${base.commit.slice(0, 12)})\n`);
  }
  const skipped = skippedSentences(result.plan, show).map((sentence) => `${paint('dim', `skipped: ${sentence}`)}\n`);
  if (skipped.length > 0) parts.push(skipped.join(''));
  const approvals = approvalsOf(result.plan).map(
    (it) => `\nto approve exactly ${describeApproval(it)} listed above: --${it.name} ${it.digest}\n`,
  );
  const unmatched = unmatchedSentences(result.plan, show).map((it) => `\n${paint('yellow', 'not approved')}: ${it}\n`);
  const compared = base === undefined ? '' : `, compared with ${show(base.branch)} at ${base.commit.slice(0, 12)}`;
  const source = paint('dim', `\n${polled}, as of ${shortTime(result.polledAt)}${compared}`);
  return `${parts.join('\n')}${[...approvals, ...unmatched].join('')}${source}\n`;
}

function isWorthTelling({ files, held, kept, staleKustomizations }: Scope): boolean {
  return files.length + held.length + kept.length + staleKustomizations.length > 0;
}

export type Paint = (style: Color, text: string) => string;

function renderScope(scope: Scope, paint: Paint): string {
  const causes = causesOf(scope.changes, show);
  const named = causeLines(causes).map((line) => `  ${line}`);
  const lines = [`${paint('bold', scope.key)}  ${headline(scope)}`, '', ...named, ...(named.length > 0 ? [''] : [])];
  for (const [place, changes] of byNamespace(scope, scope.changes)) {
    lines.push(`  ${place}`, ...changeRows(changes, causes, paint), '');
  }
  for (const place of emptiedPlaces(scope, show)) lines.push(`  ${paint('yellow', 'left without anyone')}: ${place}`);
  for (const sentence of letThroughSentences(scope)) lines.push(`  ${paint('yellow', 'approved')}: ${sentence}`);
  for (const group of groupHeld(scope)) lines.push(...heldLines(scope, group, paint));
  for (const text of scope.staleKustomizations.flatMap((it) => describeStale(it, show)))
    lines.push(`  ${paint('yellow', 'warning')}: ${text}`);
  for (const { problem, cluster, places } of groupKept(scope)) {
    const what = places.length === 0 ? `no namespace of ${show(cluster)} is removed` : someOf(places.map(show));
    const next = problem.next === undefined ? '' : `; ${show(problem.next)}`;
    lines.push(
      `  ${paint('yellow', 'unchanged (read failed)')}: ${what} (${problem.code}: ${show(problem.message)}${next})`,
    );
  }
  for (const { cluster, namespace, role, dropped } of scope.dropped.slice(0, 20)) {
    const place = show(placeIn(scope, cluster, namespace));
    lines.push(
      paint('dim', `  not bindable: ${show(dropped.member)} in ${place} ${show(role)}: ${dropWords(dropped.reason)}`),
    );
  }
  if (scope.dropped.length > 20) lines.push(paint('dim', `  … and ${scope.dropped.length - 20} more not bindable`));
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline({ changes, files, totals }: Scope): string {
  const { gains, losses, others, namespaces } = tally(changes);
  const all = totals.reduce((sum, total) => sum + total.namespaces, 0);
  if (changes.length === 0)
    return files.length === 0 ? 'no change' : `${count(files.length, 'file')}, nobody's access changes`;
  const parts = [`${gains} gain`, `${losses} lose`, ...(others > 0 ? [count(others, 'permission change')] : [])];
  return `${parts.join(', ')} in ${namespaces} of ${count(all, 'namespace')}`;
}

/** One cause in one line, with what to do; then everything that it holds, as whoever approves it has to see it. */
function heldLines(scope: Scope, group: HeldGroup, paint: Paint): readonly string[] {
  const { causes, changes, code, next } = group;
  const held = paint('yellow', 'held');
  const lines = causes.map((cause) => describeCause(cause, show));
  if (lines.length > 1)
    return [`  ${held}: ${describeMany(lines.length, code)}. For each: ${next}`, ...lines.map((line) => `    ${line}`)];
  const shared = causesOf(changes, show);
  const people = [...byNamespace(scope, changes)].flatMap(([place, some]) => [
    `    ${place}`,
    ...changeRows(some, shared, paint).map((line) => `  ${line}`),
  ]);
  // All of them: whoever approves has to see which roles that leaves empty.
  const emptied = emptiedSentences(group, scope, show, Number.POSITIVE_INFINITY);
  return [
    `  ${held}: ${lines[0]}; ${next}`,
    ...[...emptied, ...causeLines(shared)].map((line) => `    ${line}`),
    ...people,
  ];
}

function byNamespace(scope: Scope, changes: readonly AccessChange[]): ReadonlyMap<string, readonly AccessChange[]> {
  const groups = new Map<string, AccessChange[]>();
  for (const change of changes) {
    const place = show(placeIn(scope, change.cluster, change.namespace));
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [change]);
    else group.push(change);
  }
  return groups;
}

function changeRows(changes: readonly AccessChange[], causes: Causes, paint: Paint): readonly string[] {
  const rows = changes.map((change) => changeRow(change, causes));
  return alignRows(rows, paint);
}

/** What happens to whom in which role, and why. */
export type Row = readonly [sign: string, who: string, role: string, why: string];

export function changeRow(change: AccessChange, causes: Causes = new Map()): Row {
  switch (change.kind) {
    case 'gain':
      return ['+', describeSubject(change.subject, show), show(change.role), whyGain(change, show)];
    case 'lose':
      return ['-', describeSubject(change.subject, show), show(change.role), whyOf(change, causes, show)];
    case 'permission':
      return ['~', `everyone in it (${change.subjects})`, show(change.role), describePermissionChange(change, show)];
    case 'mapping':
      return ['~', '', show(change.role), `comes from domain ${show(change.after)} instead of ${show(change.before)}`];
    default:
      return unreachable(change);
  }
}

export function alignRows(rows: readonly Row[], paint: Paint): readonly string[] {
  const who = Math.min(40, Math.max(...rows.map((row) => row[1].length)));
  const role = Math.min(40, Math.max(...rows.map((row) => row[2].length)));
  const colors: Readonly<Record<string, Color>> = { '+': 'green', '-': 'red', '~': 'yellow' };
  return rows.map(([sign, name, athenzRole, why]) => {
    const line = `    ${sign} ${name.padEnd(who)}  ${athenzRole.padEnd(role)}  ${why}`;
    return paint(colors[sign] ?? 'dim', line.trimEnd());
  });
}
