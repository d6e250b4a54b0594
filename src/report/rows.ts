import type { Change } from '../core/change.ts';
import { unitKey } from '../core/unit.ts';
import type { ChangeWords, Words } from '../core/words.ts';
import { count, type Show } from '../model/text.ts';

/** From so many lines on a cause is named once, and the lines refer to it. */
const fromLines = 5;
/** So many causes at most: the others are told line by line. */
const most = 20;

/** One change as a line, whatever medium shows it. */
export interface Row extends Omit<ChangeWords, 'cause'> {
  readonly change: Change;
  readonly sign: '+' | '-' | '~';
}

/** Changes as lines, and what many of them have in common. */
export interface Rows {
  /** In the order of the changes. */
  readonly rows: readonly Row[];
  /** One line each: `cause 1: the role does not exist in Athenz (126 losses in 12 namespaces)`. */
  readonly causes: readonly string[];
}

const signs = { add: '+', remove: '-', modify: '~' } as const;

/** Puts changes into words. A cause that several share is named, and the lines refer to it by that name. */
export function toRows(changes: readonly Change[], words: Words<unknown>, show: Show): Rows {
  const told = changes.map((change) => ({ change, ...words.describe(change, show) }));
  const shared = Map.groupBy(
    told.filter(({ cause }) => cause !== undefined),
    ({ cause = '' }) => cause,
  );
  const causes = [...shared]
    .filter(([, lines]) => lines.length >= fromLines)
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, most);
  const names = new Map(causes.map(([cause], index) => [cause, `cause ${index + 1}`]));
  return {
    rows: told.map(({ cause = '', ...it }): Row => {
      return { ...it, sign: signs[it.change.effect], why: names.get(cause) ?? it.why };
    }),
    causes: causes.map(([cause, lines]) => {
      const units = count(new Set(lines.map(({ change }) => unitKey(change))).size, words.nouns.unit);
      return `${names.get(cause)}: ${cause} (${lines.length} ${words.nouns.caused} in ${units})`;
    }),
  };
}
