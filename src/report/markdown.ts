import type { Scope } from '../model/change.ts';
import { details } from './sections.ts';
import { changeTable, type TableLevel } from './table.ts';
import { count, namespacesIn, shortTime, tally } from './words.ts';

/** What a body says besides the scope itself. */
export interface BodyFacts {
  readonly base: string;
  /** RFC 3339 UTC. */
  readonly polledAt: string;
  /** Domains that were read. */
  readonly domains: number;
  /** `--accept-removals` value that lets the held removals through. */
  readonly heldRemovals?: string;
}

/** GitHub refuses a body over 65,536 characters; what other tools add to it needs room too. */
export const bodyLimit = 60_000;

/** How much is shown: of the changes, and lines of each list below them. */
interface Level extends TableLevel {
  readonly lines: number;
}

const all = Number.POSITIVE_INFINITY;

/** From everything to totals: files go first, then people who gain, people who lose last. */
const levels: readonly Level[] = [
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
  const machine = machineLine(scope, facts);
  for (const level of levels) {
    const body = `${writeBody(scope, facts, level)}\n\n${machine}\n`;
    if (body.length <= bodyLimit) return body;
  }
  return `${summary(scope)}\n\nThe list is too long to show here: see the files.\n\n${machine}\n`;
}

function writeBody(scope: Scope, facts: BodyFacts, level: Level): string {
  const polled = `Polled ${shortTime(facts.polledAt)} from ${count(facts.domains, 'domain')}`;
  return [summary(scope), changeTable(scope.changes, level), ...details(scope, facts, level.lines), polled]
    .filter((part) => part !== '')
    .join('\n\n');
}

function summary({ key, changes, files, totals }: Scope): string {
  const { gains, losses, others, namespaces } = tally(changes);
  if (changes.length === 0) {
    const are = files.length === 1 ? 'is' : 'are';
    return `**Merging this changes nobody's access.** ${count(files.length, 'file')} of \`${key}\` ${are} written anew.`;
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

/** What the next run reads: first in the budget, last in the text, never cut. */
function machineLine({ key, digest }: Scope, { base, polledAt }: BodyFacts): string {
  const facts = JSON.stringify({ scope: key, base, digest, polled: polledAt }).replaceAll('--', '-\\u002d');
  return `<!-- athenz-gitops v1 ${facts} -->`;
}
