import type { Scope } from '../model/change.ts';
import { textHash, writeMarker } from '../model/marker.ts';
import { approvalSentences, approvalsIn } from './held.ts';
import { type Approvable, details, type SectionLevel } from './sections.ts';
import { changeTable } from './table.ts';
import { count, namespacesIn, shortTime, tally, titleOf } from './words.ts';

/** What a body says besides the scope itself. */
export interface BodyFacts extends Approvable {
  readonly base: string;
  /** Whose proposal it is, see `ownerText`. */
  readonly owner: string;
  /** RFC 3339 UTC. */
  readonly polledAt: string;
  /** Domains that were read. */
  readonly domains: number;
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
export function renderBody(scope: Scope, facts: BodyFacts): string {
  for (const level of levels) {
    const body = finish(writeBody(scope, facts, level), scope, facts);
    if (body.length <= bodyLimit) return body;
  }
  const approve = approvalSentences(approvalsIn(scope, facts.approvals), facts, scope);
  const rest = ['The list is too long to show here: see the files.', ...approve];
  return finish([summary(scope), ...rest].join('\n\n'), scope, facts);
}

function writeBody(scope: Scope, facts: BodyFacts, level: SectionLevel): string {
  return [summary(scope), changeTable(scope.changes, level), ...details(scope, facts, level), ...notes(facts)]
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
function finish(text: string, scope: Scope, facts: BodyFacts): string {
  const { base, owner, polledAt: polled, domains, removals, runUrl } = facts;
  const by = runUrl === undefined ? '' : ` in [this run](${runUrl})`;
  const marker = writeMarker({
    scope: scope.key,
    owner,
    base,
    digest: scope.digest,
    polled,
    text: textHash(titleOf(scope), text),
    ...(removals === undefined ? {} : { removals }),
  });
  return `${text}\n\nPolled ${shortTime(polled)} from ${count(domains, 'domain')}${by}\n\n${marker}\n`;
}

/** What stays equal in a body from run to run, as long as it proposes the same: neither the time nor the last line. */
export function lastingText(body: string): string {
  return body.slice(0, body.lastIndexOf('\n\nPolled '));
}

function summary({ key, changes, files, totals }: Scope): string {
  const { gains, losses, others, namespaces } = tally(changes);
  if (changes.length === 0) {
    const are = files.length === 1 ? 'is' : 'are';
    return `**Merging this changes nobody's access.** ${count(files.length, 'file')} of \`${key}\` ${are} re-rendered.`;
  }
  const where = totals.length === 1 ? `cluster \`${totals[0]?.cluster}\`` : count(totals.length, 'cluster');
  const counts = [
    `${count(gains, 'grant')} added`,
    `${losses} removed`,
    ...(others > 0 ? [count(others, 'permission change')] : []),
  ];
  const of = `in ${namespaces} of ${count(namespacesIn(totals), 'namespace')}`;
  return `**Merging this changes who may do what in ${where}.** ${counts.join(', ')}, ${of}.`;
}
