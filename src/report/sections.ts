import { actionOn } from '../core/change.ts';
import type { Scope } from '../core/scope.ts';
import type { UnitId } from '../core/unit.ts';
import type { Medium, Section, Words } from '../core/words.ts';
import { count, pluralOf, someOf } from '../model/text.ts';
import { type Approval, type ApprovalPlace, approvalSentences, approvalsIn, approvedSentences } from './approval.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { describeCause, describeMany, emptiedSentences, groupHeld, type HeldGroup, tallyHeld } from './held.ts';
import { describeStale } from './stale.ts';
import { changeTable, type TableLevel } from './table.ts';
import { groupKept, placeIn, sinceWords } from './words.ts';

const medium: Medium = { show, code: showCode };

/** How much the sections show. */
export interface SectionLevel extends TableLevel {
  /** Lines of each list; the rest is counted. */
  readonly lines: number;
}

/** What can be approved, and where. */
export interface Approvable extends ApprovalPlace {
  readonly approvals: readonly Approval[];
}

/**
 * What a body says below its table: what the generator warns of, what was approved, kustomizations that do not fit, and folded
 * sections of what is held, what could not be read, what else the generator tells, and the files. What has no entries is left
 * out.
 */
export function details(
  scope: Scope,
  words: Words<unknown>,
  approvable: Approvable,
  level: SectionLevel,
): readonly string[] {
  const most = level.lines;
  const place = (unit: UnitId) => placeIn(scope, unit);
  const skipped = words.skipped(scope.notes, show);
  return [
    ...words.warnings(scope.notes, place, medium).map(({ noun, label, places }) => {
      return `> [!WARNING]\n> ${count(places.length, noun)} ${places.length === 1 ? 'is' : 'are'} ${label}: ${someOf(places, most)}.`;
    }),
    ...approvedSentences(scope, words).map((sentence) => `> [!WARNING]\n> ${sentence}`),
    ...scope.staleKustomizations.flatMap((it) => describeStale(it, show)).map((text) => `> [!WARNING]\n> ${text}.`),
    heldSection(scope, words, approvable, level),
    keptSection(scope, words, most),
    ...words.sections(scope.notes, place, medium).map((section) => fold(section, most)),
    fold({ icon: '⏭️', title: 'Skipped by the config', lines: skipped }, most),
    filesSection(scope, most),
  ];
}

function keptSection(scope: Scope, { nouns }: Words<unknown>, most: number): string {
  const groups = groupKept(scope);
  const lines = groups.map(({ problem, cluster, places, since }) => {
    const what = places.length === 0 ? `no ${nouns.unit} of ${show(cluster)} is removed` : someOf(places.map(show), 30);
    return `${what}: ${show(problem.message)} (${problem.code}${sinceWords(since)})`;
  });
  const places = new Set(groups.flatMap((group) => group.places)).size;
  const title =
    places === 0
      ? `Some ${pluralOf(nouns.unit)} could not be read`
      : `${count(places, nouns.unit)} unchanged (read failed)`;
  return fold({ icon: '⚠️', title, lines }, most);
}

function heldSection(
  scope: Scope,
  words: Words<unknown>,
  { approvals, ...place }: Approvable,
  level: SectionLevel,
): string {
  const groups = groupHeld(scope);
  if (groups.length === 0) return '';
  const sentences = approvalSentences(approvalsIn(scope, approvals), place, scope);
  const parts = [...groups.map((group) => heldGroup(group, scope, words, level)), ...sentences];
  return `<details><summary>✋ Held: ${tallyHeld(scope)}</summary>\n\n${parts.join('\n\n')}\n\n</details>`;
}

/** One cause: in one line with what to do, then every change it holds. */
function heldGroup(group: HeldGroup, { totals }: Scope, words: Words<unknown>, level: SectionLevel): string {
  const { causes, changes, next, code } = group;
  const lines = causes.map((cause) => describeCause(cause, show));
  if (lines.length > 1)
    return `${describeMany(lines.length, code)}. For each: ${show(next)}.\n\n${listOf(lines, level.lines)}`;
  const options = { elsewhere: '`athenz-gitops plan` lists all', several: totals.length > 1 };
  const emptied = emptiedSentences(group, { totals }, words, show, level.lines).map((it) => `> [!WARNING]\n> ${it}.`);
  return [`${lines[0]}. ${show(next)}.`, ...emptied, changeTable(changes, words, level, options)]
    .filter(Boolean)
    .join('\n\n');
}

function filesSection({ files }: Scope, most: number): string {
  const what = { add: 'new', change: 'changed', remove: 'removed' } as const;
  const lines = files.map((file) => `${what[actionOn(file)]}: ${showCode(file.path)}`);
  return fold({ icon: '📄', title: count(lines.length, 'file'), lines }, most);
}

function fold({ icon, title, lines }: Section, most: number): string {
  if (lines.length === 0) return '';
  return `<details><summary>${icon} ${title}</summary>\n\n${listOf(lines, most)}\n\n</details>`;
}

function listOf(lines: readonly string[], most: number): string {
  const rest = lines.length - most;
  return [...lines.slice(0, most), ...(rest > 0 ? [`… and ${rest} more`] : [])].map((line) => `- ${line}`).join('\n');
}
