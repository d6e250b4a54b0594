import { compareText } from '../model/text.ts';
import { ask, idsIn, type State } from './approvals.ts';
import type { Limits } from './budget.ts';
import type { Accepted, Approved, Held, UnmatchedApproval } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import { addition, open, removal } from './limit.ts';

/** The verdict of the limits: what is held, and what is approved although a limit holds it. */
export interface Limited<D> {
  readonly held: readonly Held<D>[];
  /** Ids of the changes in `held`. */
  readonly heldIds: ReadonlySet<string>;
  readonly approved: readonly Approved[];
  readonly unmatched: readonly UnmatchedApproval[];
  /** Names exactly what is held and can be approved. */
  readonly digests: { readonly heldRemovals?: string; readonly heldAdditions?: string };
}

/**
 * Asks the limits. Each acts on no more than it judges: a share on the changes of a cluster that it counts, a part that is too
 * large or would be left with nothing on that part. What is held stays as it is, and the rest goes on.
 */
export function askLimits<D>(
  limits: Limits<D>,
  clusters: readonly ClusterDecisions<D>[],
  { acceptRemovals, acceptAdditions, approvedEarlier = new Set() }: Accepted,
): Limited<D> {
  const large = holdLarge<D>({ clusters, heldIds: new Set() });
  // Additions before removals: what stays out cannot be what keeps a part from becoming empty.
  const before = { clusters, heldIds: large.heldIds, approvedIds: new Set<string>() };
  const additions = ask(addition(limits), before, { now: acceptAdditions, earlier: approvedEarlier });
  const state = { clusters, heldIds: additions.heldIds, approvedIds: additions.approvedIds };
  const removals = ask(removal(limits), state, { now: acceptRemovals, earlier: approvedEarlier });
  // With what stays, a part may be too large after all.
  const larger = holdLarge<D>({ clusters, heldIds: removals.heldIds });
  return {
    held: [...large.held, ...additions.held, ...removals.held, ...larger.held],
    heldIds: larger.heldIds,
    approved: [...sorted(additions.approved), ...sorted(removals.approved)],
    unmatched: [...additions.unmatched, ...removals.unmatched],
    digests: {
      ...(removals.digest === undefined ? {} : { heldRemovals: removals.digest }),
      ...(additions.digest === undefined ? {} : { heldAdditions: additions.digest }),
    },
  };
}

/** Holds parts that exceed a hard limit, which no approval lifts. */
function holdLarge<D>({ clusters, heldIds }: State<D>): Pick<Limited<D>, 'held' | 'heldIds'> {
  const held = clusters.flatMap(({ decisions }) => open(decisions).flatMap((it) => it.tooLarge?.(heldIds) ?? []));
  return { held, heldIds: heldIds.union(idsIn(held)) };
}

/** The same order whether it was approved now or before. */
function sorted(approved: readonly Approved[]): readonly Approved[] {
  return approved.toSorted(
    (a, b) => compareText(a.cluster, b.cluster) || compareText(a.namespace ?? '', b.namespace ?? ''),
  );
}
