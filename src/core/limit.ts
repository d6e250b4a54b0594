import { excess, type Limits, weightOf } from './budget.ts';
import type { ApprovalKind, Change, Held } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import type { Decision, EmptiedPart } from './decision.ts';
import { unitOf } from './unit.ts';

/** What may be held of the changes of units, and how it is named for approval. */
export interface Limit<D> {
  readonly kind: ApprovalKind;
  held(cluster: ClusterDecisions<D>, heldIds: ReadonlySet<string>): readonly Held<D>[];
  /** The changes of a unit that it looks at, held or not. */
  counted(decision: Decision<D>, heldIds: ReadonlySet<string>): readonly Change<D>[];
  /** What a person approves of a change. */
  approvalOf(change: Change<D>): readonly unknown[];
  /** The changes of a unit that leave a protected part with nothing: the code of that by id. */
  emptying(decision: Decision<D>, heldIds: ReadonlySet<string>): readonly (readonly [id: string, code: string])[];
}

/** All additions of a cluster, when they are too many. */
export function addition<D>({ added, approvalOf = effectAndId }: Limits<D>): Limit<D> {
  const counted = (decision: Decision<D>, heldIds: ReadonlySet<string>) =>
    decision.additions().filter(({ id }) => !heldIds.has(id));
  return {
    kind: 'additions',
    counted,
    approvalOf,
    emptying: () => [],
    held(cluster, heldIds) {
      if (added.share === null) return [];
      const adding = open(cluster.decisions).map((it) => ({ unit: it.unit, changes: counted(it, heldIds) }));
      const over = excess(added, 'addition', cluster, weightOf(adding.flatMap(({ changes }) => changes)));
      if (over === undefined) return [];
      return adding
        .filter(({ changes }) => changes.length > 0)
        .map((it) => ({ ...it.unit, ...over, changes: it.changes }));
    },
  };
}

/**
 * The removals of a cluster that a person has to look at. Proven ones are never held, and count for nothing; of the others all
 * are held when they are too many, or those of a part that must not become empty.
 */
export function removal<D>({ removed, approvalOf = effectAndId }: Limits<D>): Limit<D> {
  const counted = ({ removals }: Decision<D>, heldIds: ReadonlySet<string>) =>
    removals.filter(({ proven, id }) => !proven && !heldIds.has(id));
  return {
    kind: 'removals',
    counted,
    approvalOf,
    emptying: (it, heldIds) =>
      (it.emptied?.(heldIds) ?? [])
        .filter((part) => part.protected)
        .flatMap(({ changes, code }) => changes.map((id) => [id, code] as const)),
    held(cluster, heldIds) {
      const removing = open(cluster.decisions)
        .map((decision) => ({ decision, changes: counted(decision, heldIds) }))
        .filter(({ changes }) => changes.length > 0);
      const over = excess(removed, 'removal', cluster, weightOf(removing.flatMap(({ changes }) => changes)));
      return removing.flatMap(({ decision, changes }): readonly Held<D>[] => {
        const emptied = decision.emptied?.(heldIds) ?? [];
        if (over === undefined) return lastOnes(decision, changes, emptied);
        const left = emptied.length === 0 ? {} : { emptied: emptied.map(toEmptied) };
        return [{ ...decision.unit, ...over, changes, ...left }];
      });
    },
  };
}

/** Where there are not too many removals: those of each part that must not become empty. */
function lastOnes<D>(
  { unit }: Decision<D>,
  changes: readonly Change<D>[],
  emptied: readonly EmptiedPart[],
): readonly Held<D>[] {
  return emptied
    .filter((part) => part.protected)
    .map((part) => {
      const { code, message, next } = part;
      const ids = new Set(part.changes);
      const own = changes.filter(({ id }) => ids.has(id));
      return { ...unit, code, message, next, changes: own, emptied: [toEmptied(part)] };
    });
}

function toEmptied({ part, protected: keep, ...unit }: EmptiedPart) {
  return { ...unitOf(unit), part, protected: keep };
}

/** The decisions that nothing but a limit holds. */
export function open<D>(decisions: readonly Decision<D>[]): readonly Decision<D>[] {
  return decisions.filter((it) => it.held === undefined);
}

function effectAndId({ effect, id }: Change): readonly unknown[] {
  return [effect, id];
}
