import { createHash } from 'node:crypto';
import type { Share } from '../model/share.ts';
import { compareText } from '../model/text.ts';
import { type Budget, excess, weightOf } from './budget.ts';
import type { Accepted, ApprovalKind, Approved, Change, Held, UnmatchedApproval } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import type { Decision, EmptiedPart } from './decision.ts';
import { unitKey, unitOf } from './unit.ts';

/** What the limits of a generator are. */
export interface Limits<D> {
  readonly removed: Budget;
  readonly added: Budget;
  /** What a person approves of a change: the same means the same approval; default: its effect and id. */
  approvalOf?(change: Change<D>): readonly unknown[];
}

/** The limits of a generator that has none of its own names: a share of what may be removed. */
export function plainLimits(noun: string, share: Share): Limits<unknown> {
  return {
    removed: { code: 'LIMIT_REMOVED', setting: 'removed', noun, share },
    added: { code: 'LIMIT_ADDED', setting: 'added', noun, share: null },
  };
}

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

/** The decisions of all clusters, and what is held of them so far. */
interface State<D> {
  readonly clusters: readonly ClusterDecisions<D>[];
  readonly heldIds: ReadonlySet<string>;
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
  const additions = ask(addition(limits), { clusters, heldIds: large.heldIds }, acceptAdditions, approvedEarlier);
  const removals = ask(removal(limits), { clusters, heldIds: additions.heldIds }, acceptRemovals, approvedEarlier);
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

function effectAndId({ effect, id }: Change): readonly unknown[] {
  return [effect, id];
}

interface Limit<D> {
  readonly kind: ApprovalKind;
  held(cluster: ClusterDecisions<D>, heldIds: ReadonlySet<string>): readonly Held<D>[];
  /** The changes of a unit that it looks at, held or not. */
  counted(decision: Decision<D>, heldIds: ReadonlySet<string>): readonly Change<D>[];
  /** What approves a change, of those that leave a part with nothing marked as such. */
  covers(change: Change<D>, emptying: ReadonlySet<string>): readonly unknown[];
  /** Of `counted`, the ids of those that leave a protected part with nothing. */
  emptying(decision: Decision<D>, heldIds: ReadonlySet<string>): readonly string[];
}

/** All additions of a cluster, when they are too many. */
function addition<D>({ added, approvalOf = effectAndId }: Limits<D>): Limit<D> {
  const counted = ({ changes }: Decision<D>, heldIds: ReadonlySet<string>) =>
    changes.filter(({ effect, id }) => effect === 'add' && !heldIds.has(id));
  return {
    kind: 'additions',
    counted,
    covers: approvalOf,
    emptying: () => [],
    held(cluster, heldIds) {
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
function removal<D>({ removed, approvalOf = effectAndId }: Limits<D>): Limit<D> {
  const counted = ({ changes }: Decision<D>, heldIds: ReadonlySet<string>) =>
    changes.filter(({ effect, proven, id }) => effect === 'remove' && !proven && !heldIds.has(id));
  return {
    kind: 'removals',
    counted,
    // Without the addition that kept a part from that, the same removals are another thing to approve.
    covers: (change, emptying) => [...approvalOf(change), ...(emptying.has(change.id) ? ['LIMIT_NEVER_EMPTY'] : [])],
    emptying: (it, heldIds) =>
      (it.emptied?.(heldIds) ?? []).filter((part) => part.protected).flatMap((part) => part.changes),
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

interface Answer<D> extends Pick<Limited<D>, 'held' | 'heldIds' | 'approved' | 'unmatched'> {
  readonly digest?: string;
}

/**
 * @param accepted the digest of what a person approves now
 * @param approvedEarlier digests of what was approved before and is not merged yet
 */
function ask<D>(
  limit: Limit<D>,
  { clusters, heldIds }: State<D>,
  accepted: string | undefined,
  approvedEarlier: ReadonlySet<string>,
): Answer<D> {
  const heldWith = (out: ReadonlySet<string>) => clusters.flatMap((it) => limit.held(it, out));
  const decisions = clusters.flatMap((it) => it.decisions);
  const emptying = new Set(decisions.flatMap((it) => limit.emptying(it, heldIds)));
  const digestOf = (changes: readonly Change<D>[]) => digestLines(changes.map((it) => limit.covers(it, emptying)));
  /** Each unit that something is held of, with all of it that the limit looks at: which part it holds depends on others. */
  const unitsOf = (some: readonly Held<D>[]) => {
    const keys = new Set(some.map(unitKey));
    return decisions
      .filter(({ unit }) => keys.has(unitKey(unit)))
      .map((decision) => {
        const changes = limit.counted(decision, heldIds);
        const approved = { ...decision.unit, kind: limit.kind, changes: changes.length, digest: digestOf(changes) };
        return { changes, approved };
      });
  };
  const all = heldWith(heldIds);
  const earlier = unitsOf(all).filter(({ approved }) => approvedEarlier.has(approved.digest));
  // They are approved: the rest is counted without them.
  const looked = new Set(earlier.flatMap(({ changes }) => changes.map(({ id }) => id)));
  const rest = looked.size === 0 ? all : heldWith(heldIds.union(looked));
  const approved = earlier.map((it) => it.approved);
  const changes = rest.flatMap((it) => it.changes);
  const unmatched = accepted === undefined ? [] : [{ kind: limit.kind, digest: accepted }];
  if (changes.length === 0) return { heldIds, held: [], approved, unmatched };
  const digest = digestOf(changes);
  if (digest === accepted) {
    const now = unitsOf(rest).map((it) => it.approved);
    return { heldIds, held: [], approved: [...approved, ...now], unmatched: [] };
  }
  return { heldIds: heldIds.union(idsIn(rest)), held: rest, approved, unmatched, digest };
}

function open<D>(decisions: readonly Decision<D>[]): readonly Decision<D>[] {
  return decisions.filter((it) => it.held === undefined);
}

function idsIn(held: readonly Held[]): ReadonlySet<string> {
  return new Set(held.flatMap(({ changes }) => changes.map(({ id }) => id)));
}

/** Names changes, so that a person can approve exactly these: 16 hexadecimal digits, the same for any order. */
function digestLines(changes: readonly (readonly unknown[])[]): string {
  const lines = changes.map((it) => JSON.stringify(it)).sort(compareText);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** The same order whether it was approved now or before. */
function sorted(approved: readonly Approved[]): readonly Approved[] {
  return approved.toSorted(
    (a, b) => compareText(a.cluster, b.cluster) || compareText(a.namespace ?? '', b.namespace ?? ''),
  );
}
