import type { SourceState } from '../core/generator.ts';
import type { Scope } from '../core/scope.ts';
import type { Words } from '../core/words.ts';
import { textHash, writeMarker } from '../model/marker.ts';
import { count, shortTime } from '../model/text.ts';
import { approvalSentences, approvalsIn } from './approval.ts';
import { type Approvable, details, type SectionLevel } from './sections.ts';
import { changeTable, type MostNames, type TableLines, tableLines } from './table.ts';
import { extent, type Tally, tally, titleOf } from './words.ts';

/** What a body says besides the scope itself. */
export interface BodyFacts extends Approvable {
  readonly base: string;
  /** Whose proposal it is, see `ownerText`. */
  readonly owner: string;
  /** As of when the sources were read, RFC 3339 UTC. */
  readonly asOf: string;
  readonly sources: readonly SourceState[];
  /** A closed pull request of the same scope. */
  readonly previous?: number;
  /** The account it is opened with starts no workflows. */
  readonly startsNoChecks?: boolean;
  /** Since when it removes access, RFC 3339 UTC. */
  readonly removals?: string;
  /** Where the run that wrote it can be seen. */
  readonly runUrl?: string;
}

/** GitHub refuses a body over 65,536 characters; what other tools add to it needs room too. */
export const bodyLimit = 60_000;

const all = Number.POSITIVE_INFINITY;

/** From everything to totals: files go first, then people who gain, people who lose last. */
const levels: readonly SectionLevel[] = [
  { gainNames: all, lossNames: all, rows: all, lines: all },
  { gainNames: all, lossNames: all, rows: all, lines: 100 },
  { gainNames: 10, lossNames: all, rows: 400, lines: 100 },
  { gainNames: 0, lossNames: all, rows: 200, lines: 50 },
  { gainNames: 0, lossNames: 10, rows: 200, lines: 50 },
  { gainNames: 0, lossNames: 0, rows: 100, lines: 20 },
  { gainNames: 0, lossNames: 0, rows: 10, lines: 5 },
];

/**
 * Writes the body of a pull request: what a merge changes for people, then what is left alone and why, then the files.
 * Its last line is for machines. When it would be too long, lists are counted instead of shown.
 *
 * @returns at most 60,000 UTF-16 units
 */
export function renderBody(scope: Scope, words: Words<unknown>, facts: BodyFacts): string {
  const counts = tally(scope.changes);
  const possible = levels.filter((level) => leastLength(counts, level) <= bodyLimit);
  const told = tableLines(scope.changes, words, mostOf(possible));
  for (const level of possible) {
    const body = finish(writeBody(scope, words, facts, level, told), scope, words, facts);
    if (body.length <= bodyLimit) return body;
  }
  const approve = approvalSentences(approvalsIn(scope, facts.approvals), facts, scope);
  const rest = ['The list is too long to show here: see the files.', ...approve];
  return finish([summary(scope, words), ...rest].join('\n\n'), scope, words, facts);
}

/** What a table cannot be shorter than: a name that is shown has a character and what parts it from the next one. */
function leastLength({ added, removed }: Tally, { gainNames, lossNames }: SectionLevel): number {
  return 3 * ((gainNames === all ? added : 0) + (lossNames === all ? removed : 0));
}

function mostOf(some: readonly SectionLevel[]): MostNames {
  return {
    gainNames: Math.max(...some.map(({ gainNames }) => gainNames)),
    lossNames: Math.max(...some.map(({ lossNames }) => lossNames)),
  };
}

function writeBody(
  scope: Scope,
  words: Words<unknown>,
  facts: BodyFacts,
  level: SectionLevel,
  told: TableLines,
): string {
  const table = changeTable(scope.changes, words, level, { told });
  return [summary(scope, words), table, ...details(scope, words, facts, level), ...notes(facts)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function notes({ previous, startsNoChecks }: BodyFacts): readonly string[] {
  return [
    ...(previous === undefined ? [] : [`Comes after #${previous}, which was closed.`]),
    ...(startsNoChecks
      ? [
          '> [!NOTE]\n> Opened with the workflow token, which starts no checks: use a GitHub App, or close and reopen it.',
        ]
      : []),
  ];
}

/** Below the text comes what is another thing each run, and for the next run the line that says what this is. */
function finish(text: string, scope: Scope, words: Words<unknown>, facts: BodyFacts): string {
  const { base, owner, asOf: polled, sources, removals, runUrl } = facts;
  const by = runUrl === undefined ? '' : ` in [this run](${runUrl})`;
  const marker = writeMarker({
    scope: scope.key,
    owner,
    base,
    digest: scope.digest,
    polled,
    text: textHash(titleOf(scope, words), text),
    ...(removals === undefined ? {} : { removals }),
  });
  return `${text}\n\nPolled ${shortTime(polled)} from ${readWords(sources)}${by}\n\n${marker}\n`;
}

/** What stays equal in a body from run to run, as long as it proposes the same: neither the time nor the last line. */
export function lastingText(body: string): string {
  return body.slice(0, body.lastIndexOf('\n\nPolled '));
}

/** `67 domains` */
function readWords(sources: readonly SourceState[]): string {
  if (sources.length === 0) return 'git';
  return sources.map(({ read, noun }) => count(read, noun)).join(', ');
}

function summary({ label, changes, files, totals }: Scope, words: Words<unknown>): string {
  const { nouns } = words;
  const { added, removed, modified, units } = tally(changes);
  if (changes.length === 0) {
    const are = files.length === 1 ? 'is' : 'are';
    return `**Merging this changes ${words.nothing}.** ${count(files.length, 'file')} of \`${label}\` ${are} re-rendered.`;
  }
  const where = totals.length === 1 ? `cluster \`${totals[0]?.cluster}\`` : count(totals.length, 'cluster');
  const counts = [
    `${count(added, nouns.weight)} added`,
    `${removed} removed`,
    ...(modified > 0 ? [count(modified, nouns.modified)] : []),
  ];
  const of = extent(units, totals, nouns);
  return `**Merging this changes ${words.about} in ${where}.** ${counts.join(', ')}${of.startsWith(' in') ? ',' : ''}${of}.`;
}
