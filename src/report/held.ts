import type { Change, Emptied, Held } from '../core/change.ts';
import type { Scope } from '../core/scope.ts';
import { namesOf } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import { count, type Show } from '../model/text.ts';
import { heldIn } from './approval.ts';
import { placeIn } from './words.ts';

/** Everything that is held for one cause: a limit, or a mistake that several files share. */
export interface HeldGroup extends Pick<Held, 'code' | 'next'> {
  /** What is wrong, and in which unit, as `placeIn` names it; one for all `changes`. */
  readonly causes: readonly { readonly place?: string; readonly message: string }[];
  /** What stays, or does not come. */
  readonly changes: readonly Change[];
  /** Parts that would be left with nothing. */
  readonly emptied: readonly Emptied[];
}

/** Groups what is held by its cause, in the order of the first of each. */
export function groupHeld(scope: Pick<Scope, 'held' | 'totals'>): readonly HeldGroup[] {
  const groups = Map.groupBy(scope.held, ({ code, message, next, changes }) =>
    JSON.stringify([code, next, changes.length > 0 ? message : null]),
  );
  return [...groups.values()].flatMap((all): HeldGroup[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { code, next, message } = first;
    const changes = all.flatMap((it) => removalsFirst(it.changes));
    const emptied = all.flatMap((it) => it.emptied ?? []);
    const causes = all.map((it) =>
      namesOf(it).length === 0 ? { message: it.message } : { place: placeIn(scope, it), message: it.message },
    );
    return [{ code, next, changes, emptied, causes: changes.length > 0 ? [{ message }] : causes }];
  });
}

function removalsFirst(changes: readonly Change[]): readonly Change[] {
  return [
    ...changes.filter(({ effect }) => effect === 'remove'),
    ...changes.filter(({ effect }) => effect !== 'remove'),
  ];
}

/** One cause in one line: where it is, and what is wrong. */
export function describeCause({ place, message }: HeldGroup['causes'][number], show: Show): string {
  return place === undefined ? show(message) : `${show(place)}: ${show(message)}`;
}

/** One cause, and what to do. A limit says by its name which one it is. */
export function describeHeld(
  cause: HeldGroup['causes'][number],
  { changes, code, next }: Pick<HeldGroup, 'changes' | 'code' | 'next'>,
  show: Show,
): string {
  return `${describeCause(cause, show)}; ${show(next)}${changes.length === 0 ? ` (${code})` : ''}`;
}

/** What several mistakes of one kind are, where no change is held: `2 files were not written by athenz-gitops (OUTPUT_FOREIGN)`. */
export function describeMany(amount: number, code: Held['code']): string {
  const files = fileWords[code];
  return files === undefined ? `${count(amount, 'problem')} (${code})` : `${count(amount, 'file')} ${files} (${code})`;
}

const fileWords: Readonly<Partial<Record<Held['code'], string>>> = {
  OUTPUT_FOREIGN: 'were not written by athenz-gitops',
  OUTPUT_COLLISION: 'collide with another',
  OUTPUT_PATH: 'have a path that cannot be changed',
  OUTPUT_UNPARSABLE: 'were written by athenz-gitops but cannot be read back',
};

/** `126 removals, 3 additions, 2 others`: what is held. */
export function tallyHeld(scope: Pick<Scope, 'held'>): string {
  const others = scope.held.filter((it) => it.changes.length === 0).length;
  const parts = [
    [heldIn(scope, 'removal'), 'removal'],
    [heldIn(scope, 'addition'), 'addition'],
    [others, others === scope.held.length ? 'problem' : 'other problem'],
  ] as const;
  return parts.flatMap(([amount, what]) => (amount > 0 ? [count(amount, what)] : [])).join(', ');
}

/**
 * Which parts the held changes of a group would leave with nothing, a sentence each, with the limit on that where the group's
 * cause is another one.
 */
export function emptiedSentences(
  { emptied, code }: Pick<HeldGroup, 'emptied' | 'code'>,
  scope: Pick<Scope, 'totals'>,
  words: Pick<Words<unknown>, 'emptied'>,
  show: Show,
  most?: number,
): readonly string[] {
  const places = (isProtected: boolean) =>
    emptied.filter((it) => it.protected === isProtected).map((it) => `${show(it.part)} in ${show(placeIn(scope, it))}`);
  return [true, false].flatMap((isProtected) => {
    const some = isProtected && code === 'LIMIT_NEVER_EMPTY' ? [] : places(isProtected);
    return some.length === 0
      ? []
      : [words.emptied(some, { protected: isProtected, ...(most === undefined ? {} : { most }) })];
  });
}
