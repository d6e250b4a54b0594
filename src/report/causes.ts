import type { AccessChange, Loss } from '../model/change.ts';
import { count, type Show, whyLose } from './words.ts';

/** From so many lines on a cause is named once, and the lines refer to it. */
const fromLines = 5;
/** So many causes at most: the others are told line by line. */
const most = 20;

/** One thing that removes access in many places. */
interface Cause {
  readonly name: string;
  readonly words: string;
  readonly losses: number;
  readonly namespaces: number;
}

/** By their words, the largest first. */
export type Causes = ReadonlyMap<string, Cause>;

/** Finds what many losses have in common. */
export function causesOf(changes: readonly AccessChange[], show: Show): Causes {
  const losses = changes.filter((change) => change.kind === 'lose').filter(isShared);
  const groups = [...Map.groupBy(losses, (loss) => whyLose(loss, show))];
  const causes = groups
    .filter(([, lines]) => lines.length >= fromLines)
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, most)
    .map(([words, lines], index): Cause => {
      const namespaces = new Set(lines.map(({ cluster, namespace }) => `${cluster}/${namespace}`)).size;
      return { name: `cause ${index + 1}`, words, losses: lines.length, namespaces };
    });
  return new Map(causes.map((cause) => [cause.words, cause]));
}

/** Reasons that speak of one thing, wherever they stand; a membership that ended is one for each person. */
function isShared({ reason, group }: Loss): boolean {
  switch (reason) {
    case 'renamed':
    case 'domain-disabled':
    case 'added-by-hand':
    case 'domain-absent':
    case 'role-absent':
    case 'role-unconfigured':
    case 'namespace-left':
    case 'namespace-excluded':
    case 'namespace-system':
    case 'namespace-deleted':
    case 'cluster-left':
      return true;
    case 'not-a-member':
    case 'origin-unknown':
      return group !== undefined;
    default:
      return false;
  }
}

/** One line each: `cause 1: no longer a member in Athenz (the role's group acme.org:group.sre has no members) (126 losses in 12 namespaces)`. */
export function causeLines(causes: Causes): readonly string[] {
  return [...causes.values()].map(
    ({ name, words, losses, namespaces }) =>
      `${name}: ${words} (${count(losses, 'loss', 'losses')} in ${count(namespaces, 'namespace')})`,
  );
}

/** Why a subject loses access: the cause by its name where it is named already. */
export function whyOf(loss: Loss, causes: Causes, show: Show): string {
  const words = whyLose(loss, show);
  return causes.get(words)?.name ?? words;
}
