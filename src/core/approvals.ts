import { createHash } from 'node:crypto';
import { compareText } from '../model/text.ts';
import type { Approved, Change, Held, UnmatchedApproval } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import type { Limit } from './limit.ts';
import { unitKey } from './unit.ts';

/** The decisions of all clusters, and what is held of them so far. */
export interface State<D> {
  readonly clusters: readonly ClusterDecisions<D>[];
  readonly heldIds: ReadonlySet<string>;
}

/** Digests of what a person approves now, and of what was approved before and is not merged yet. */
interface Approvals {
  readonly now: string | undefined;
  readonly earlier: ReadonlySet<string>;
}

interface Answer<D> {
  readonly held: readonly Held<D>[];
  /** With those that were held before. */
  readonly heldIds: ReadonlySet<string>;
  readonly approved: readonly Approved[];
  readonly unmatched: readonly UnmatchedApproval[];
  /** Names what is held, so that it can be approved. */
  readonly digest?: string;
  /** Ids of the changes that it would hold but for an approval. */
  readonly approvedIds: ReadonlySet<string>;
}

/**
 * Asks one limit what it holds, without what a person has approved.
 *
 * @param state `approvedIds`: what the limit before this one would hold but for an approval
 */
export function ask<D>(
  limit: Limit<D>,
  { clusters, heldIds, approvedIds }: State<D> & Pick<Answer<D>, 'approvedIds'>,
  { now, earlier }: Approvals,
): Answer<D> {
  const decisions = clusters.flatMap((it) => it.decisions);
  /** What it holds, and what a person approves by that, when all of `out` stays out. */
  const judging = (out: ReadonlySet<string>) => {
    const emptying = new Map(decisions.flatMap((it) => limit.emptying(it, out)));
    return {
      held: (looked: ReadonlySet<string>) => clusters.flatMap((it) => limit.held(it, out.union(looked))),
      // Without the addition that kept a part from becoming empty, the same removals are another thing to approve.
      digestOf: (changes: readonly Change<D>[]) =>
        digestLines(
          changes.map((it) => [...limit.approvalOf(it), ...(emptying.has(it.id) ? [emptying.get(it.id)] : [])]),
        ),
    };
  };
  const actual = judging(heldIds);
  // Whoever approves what is worse, as it was shown before additions were approved, approves this as well.
  const worse = approvedIds.size === 0 ? undefined : judging(heldIds.union(approvedIds));
  /** Each unit that something is held of, with all of it that the limit looks at: which part it holds depends on others. */
  const unitsOf = (some: readonly Held<D>[]) => {
    const keys = new Set(some.map(unitKey));
    return decisions
      .filter(({ unit }) => keys.has(unitKey(unit)))
      .map((decision) => {
        const changes = limit.counted(decision, heldIds);
        const digest = actual.digestOf(changes);
        return { changes, approved: { ...decision.unit, kind: limit.kind, changes: changes.length, digest } };
      });
  };
  const before = unitsOf(actual.held(new Set())).filter(
    ({ changes, approved }) =>
      earlier.has(approved.digest) || (worse !== undefined && earlier.has(worse.digestOf(changes))),
  );
  // They are approved: the rest is counted without them.
  const looked = new Set(before.flatMap(({ changes }) => changes.map(({ id }) => id)));
  const rest = actual.held(looked);
  const isNamed = (shown: readonly Change<D>[], { digestOf } = actual) => shown.length > 0 && digestOf(shown) === now;
  const accepted =
    now !== undefined &&
    (isNamed(changesOf(rest)) || (worse !== undefined && isNamed(changesOf(worse.held(looked)), worse)));
  const unmatched = now === undefined || accepted ? [] : [{ kind: limit.kind, digest: now }];
  if (rest.length > 0 && !accepted) {
    const approved = before.map((it) => it.approved);
    const digest = actual.digestOf(changesOf(rest));
    return { heldIds: heldIds.union(idsIn(rest)), held: rest, approvedIds: looked, approved, unmatched, digest };
  }
  const all = [...before, ...unitsOf(rest)];
  return {
    heldIds,
    held: [],
    approvedIds: new Set(all.flatMap((it) => it.changes.map(({ id }) => id))),
    approved: all.map((it) => it.approved),
    unmatched,
  };
}

function changesOf<D>(held: readonly Held<D>[]): readonly Change<D>[] {
  return held.flatMap(({ changes }) => changes);
}

/** Ids of what is held. */
export function idsIn(held: readonly Held[]): ReadonlySet<string> {
  return new Set(changesOf(held).map(({ id }) => id));
}

/** Names changes, so that a person can approve exactly these: 16 hexadecimal digits, the same for any order. */
function digestLines(changes: readonly (readonly unknown[])[]): string {
  const lines = changes.map((it) => JSON.stringify(it)).sort(compareText);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
