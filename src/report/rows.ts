import type { Change } from '../core/change.ts';
import { unitKey } from '../core/unit.ts';
import type { ChangeWords, Words } from '../core/words.ts';
import { count, type Show } from '../model/text.ts';

/** From so many lines on a cause is named once, and the lines refer to it. */
const fromLines = 5;
/** So many causes at most: the others are listed line by line. */
const most = 20;

/** One change as a line, whatever medium shows it. */
export interface Row extends Omit<ChangeWords, 'cause'> {
  readonly change: Change;
  readonly sign: '+' | '-' | '~';
}

/** Changes as lines, and what many of them have in common. */
export interface Rows {
  /** In the order of the changes, each made when it is asked for: a first run has one for each grant of a fleet. */
  readonly rows: Iterable<Row>;
  /** One line each: `cause 1: the role does not exist in Athenz (126 losses in 12 namespaces)`. */
  readonly causes: readonly string[];
}

const signs = { add: '+', remove: '-', modify: '~' } as const;

/** Puts changes into words. A cause that several share is named, and the lines refer to it by that name. */
export function toRows(changes: readonly Change[], words: Words<unknown>, show: Show): Rows {
  const causes = [...causesOf(changes, words, show)]
    .filter(([, { lines }]) => lines >= fromLines)
    .sort(([, a], [, b]) => b.lines - a.lines)
    .slice(0, most);
  const names = new Map(causes.map(([cause], index) => [cause, `cause ${index + 1}`]));
  return {
    rows: {
      *[Symbol.iterator]() {
        for (const change of changes) {
          const { cause = '', ...told } = words.describe(change, show);
          yield { ...told, change, sign: signs[change.effect], why: names.get(cause) ?? told.why };
        }
      },
    },
    causes: causes.map(([cause, { lines, units }]) => {
      return `${names.get(cause)}: ${cause} (${lines} ${words.nouns.caused} in ${count(units.size, words.nouns.unit)})`;
    }),
  };
}

interface Shared {
  lines: number;
  readonly units: Set<string>;
}

/** How many changes have a cause, and in which units. */
function causesOf(changes: readonly Change[], words: Words<unknown>, show: Show): ReadonlyMap<string, Shared> {
  const causes = new Map<string, Shared>();
  for (const change of changes) {
    const cause = words.mayShare?.(change) === false ? undefined : words.describe(change, show).cause;
    if (cause === undefined) continue;
    const shared = causes.get(cause) ?? { lines: 0, units: new Set() };
    causes.set(cause, shared);
    shared.lines++;
    shared.units.add(unitKey(change));
  }
  return causes;
}
