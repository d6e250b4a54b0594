import type { Scope } from '../model/change.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import {
  type Approval,
  type ApprovalPlace,
  approvalSentences,
  approvalsIn,
  describeCause,
  describeMany,
  emptiedPlaces,
  emptiedSentences,
  groupHeld,
  type HeldGroup,
  letThroughSentences,
  tallyHeld,
} from './held.ts';
import { skippedSentences } from './skipped.ts';
import { describeStale } from './stale.ts';
import { changeTable, type TableLevel } from './table.ts';
import { count, dropWords, groupKept, placeIn, shortTime, someOf } from './words.ts';

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
 * What a body says below its table: which roles are left without anyone, what was approved, kustomizations that
 * do not fit, and folded sections of what is held, what could not be read, what expires soon, who cannot be a subject, and the
 * files. What has no entries is left out.
 */
export function details(scope: Scope, approvable: Approvable, level: SectionLevel): readonly string[] {
  const most = level.lines;
  return [
    emptiedNote(scope, most),
    ...letThroughSentences(scope).map((sentence) => `> [!WARNING]\n> ${sentence}`),
    ...scope.staleKustomizations.flatMap((it) => describeStale(it, show)).map((text) => `> [!WARNING]\n> ${text}.`),
    heldSection(scope, approvable, level),
    keptSection(scope, most),
    expiringSection(scope, most),
    droppedSection(scope, most),
    skippedSection(scope, most),
    filesSection(scope, most),
  ];
}

/** Above everything that is folded: nobody may notice it in a long table. */
function emptiedNote(scope: Scope, most: number): string {
  const places = emptiedPlaces(scope, show);
  if (places.length === 0) return '';
  const are = places.length === 1 ? 'role is' : 'roles are';
  return `> [!WARNING]\n> ${places.length} ${are} left without anyone: ${someOf(places, most)}.`;
}

function expiringSection(scope: Scope, most: number): string {
  const lines = [...scope.expiring]
    .sort((a, b) => ((a.grant.expires ?? '') < (b.grant.expires ?? '') ? -1 : 1))
    .map(({ cluster, namespace, role, grant }) => {
      const when = grant.expires === undefined ? '' : shortTime(grant.expires);
      return `${when}: ${show(grant.subject.name)} in ${show(placeIn(scope, cluster, namespace))}, ${showCode(role)}`;
    });
  return fold(
    `⏳ ${count(lines.length, 'grant')} ${lines.length === 1 ? 'expires' : 'expire'} within 30 days`,
    lines,
    most,
  );
}

function keptSection(scope: Scope, most: number): string {
  const groups = groupKept(scope);
  const lines = groups.map(({ problem, cluster, places }) => {
    const what = places.length === 0 ? `no namespace of ${show(cluster)} is removed` : someOf(places.map(show), 30);
    return `${what}: ${show(problem.message)} (${problem.code})`;
  });
  const places = new Set(groups.flatMap((group) => group.places)).size;
  const title =
    places === 0 ? 'Some namespaces could not be read' : `${count(places, 'namespace')} unchanged (read failed)`;
  return fold(`⚠️ ${title}`, lines, most);
}

function heldSection(scope: Scope, { approvals, ...place }: Approvable, level: SectionLevel): string {
  const groups = groupHeld(scope);
  if (groups.length === 0) return '';
  const sentences = approvalSentences(approvalsIn(scope, approvals), place, scope);
  const parts = [...groups.map((group) => heldGroup(group, scope, level)), ...sentences];
  return `<details><summary>✋ Held: ${tallyHeld(scope)}</summary>\n\n${parts.join('\n\n')}\n\n</details>`;
}

/** One cause: in one line with what to do, then everybody whom it is about. */
function heldGroup(group: HeldGroup, { totals }: Scope, level: SectionLevel): string {
  const { causes, changes, next, code } = group;
  const lines = causes.map((cause) => describeCause(cause, show));
  if (lines.length > 1)
    return `${describeMany(lines.length, code)}. For each: ${show(next)}.\n\n${listOf(lines, level.lines)}`;
  const options = { elsewhere: '`athenz-gitops plan` lists all', several: totals.length > 1 };
  const emptied = emptiedSentences(group, { totals }, show, level.lines).map((it) => `> [!WARNING]\n> ${it}.`);
  return [`${lines[0]}. ${show(next)}.`, ...emptied, changeTable(changes, level, options)].filter(Boolean).join('\n\n');
}

function droppedSection(scope: Scope, most: number): string {
  const lines = scope.dropped.map(({ cluster, namespace, role, dropped: { member, reason } }) => {
    const place = placeIn(scope, cluster, namespace);
    return `${show(member)} in ${show(place)}, ${showCode(role)}: ${dropWords(reason)}`;
  });
  return fold(`🚫 ${count(lines.length, 'member')} skipped (not bindable)`, lines, most);
}

function skippedSection({ skippedMembers }: Scope, most: number): string {
  return fold('⏭️ Skipped by the config', skippedSentences({ skippedMembers, skippedNamespaces: [] }, show), most);
}

function filesSection({ files }: Scope, most: number): string {
  const lines = files.map(({ path, before, after }) => {
    const what = after === undefined ? 'removed' : before === undefined ? 'new' : 'changed';
    return `${what}: ${showCode(path)}`;
  });
  return fold(`📄 ${count(lines.length, 'file')}`, lines, most);
}

function fold(title: string, lines: readonly string[], most: number): string {
  if (lines.length === 0) return '';
  return `<details><summary>${title}</summary>\n\n${listOf(lines, most)}\n\n</details>`;
}

function listOf(lines: readonly string[], most: number): string {
  const rest = lines.length - most;
  return [...lines.slice(0, most), ...(rest > 0 ? [`… and ${rest} more`] : [])].map((line) => `- ${line}`).join('\n');
}
