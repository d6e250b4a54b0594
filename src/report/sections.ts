import type { Scope } from '../model/change.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { type HeldDigests, heldPeople, letThroughSentences, overrideSentences } from './held.ts';
import { count, dropWords, groupKept, placeIn, shortTime, someOf } from './words.ts';

/**
 * What a body says below its table: what was let through a limit, and folded sections of what is held, what could not be
 * read, what expires soon, who cannot be a subject, and the files. What has no entries is left out.
 *
 * @param most lines of each list; the rest is counted
 */
export function details(scope: Scope, facts: HeldDigests, most: number): readonly string[] {
  return [
    ...letThroughSentences(scope).map((sentence) => `> [!WARNING]\n> ${sentence}`),
    heldSection(scope, facts, most),
    keptSection(scope, most),
    expiringSection(scope, most),
    droppedSection(scope, most),
    filesSection(scope, most),
  ];
}

function expiringSection(scope: Scope, most: number): string {
  const lines = [...scope.expiring]
    .sort((a, b) => ((a.grant.expires ?? '') < (b.grant.expires ?? '') ? -1 : 1))
    .map(({ cluster, namespace, role, grant }) => {
      const when = grant.expires === undefined ? '' : shortTime(grant.expires);
      return `- ${when}: ${show(grant.subject.name)} in ${show(placeIn(scope, cluster, namespace))}, ${showCode(role)}`;
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
    return `- ${what}: ${show(problem.message)} (${problem.code})`;
  });
  const places = new Set(groups.flatMap((group) => group.places)).size;
  const title =
    places === 0
      ? 'The namespaces could not all be read'
      : `${count(places, 'namespace')} kept as ${places === 1 ? 'it was' : 'they were'}: could not be read`;
  return fold(`⚠️ ${title}`, lines, most);
}

function heldSection(scope: Scope, digests: HeldDigests, most: number): string {
  const lines = scope.held.map((held) => {
    const { cluster, namespace, message, next } = held;
    const what = namespace === undefined ? '' : `${show(placeIn(scope, cluster, namespace))}: `;
    return `- ${what}${show(message)}; ${show(next)}.${heldPeople(held, show)}`;
  });
  const overrides = overrideSentences(scope, digests).map((sentence) => `\n${sentence}`);
  return fold(`✋ ${count(lines.length, 'change')} held back`, lines, most, overrides);
}

function droppedSection(scope: Scope, most: number): string {
  const lines = scope.dropped.map(({ cluster, namespace, role, dropped: { member, reason } }) => {
    const place = placeIn(scope, cluster, namespace);
    return `- ${show(member)} in ${show(place)}, ${showCode(role)}: ${dropWords(reason)}`;
  });
  return fold(
    `🚫 ${count(lines.length, 'member')} that cannot be ${lines.length === 1 ? 'a subject' : 'subjects'}`,
    lines,
    most,
  );
}

function filesSection({ files }: Scope, most: number): string {
  const lines = files.map(({ path, before, after }) => {
    const what = after === undefined ? 'removed' : before === undefined ? 'new' : 'changed';
    return `- ${what}: ${showCode(path)}`;
  });
  return fold(`📄 ${count(lines.length, 'file')}`, lines, most);
}

function fold(title: string, lines: readonly string[], most: number, after: readonly string[] = []): string {
  if (lines.length === 0) return '';
  const rest = lines.length - most;
  const shown = rest > 0 ? [...lines.slice(0, most), `- … and ${rest} more`] : lines;
  return `<details><summary>${title}</summary>\n\n${[...shown, ...after].join('\n')}\n\n</details>`;
}
