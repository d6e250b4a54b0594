import { createHash } from 'node:crypto';
import type { LimitsConfig } from '../config/types.ts';
import type { Accepted, Gain, Held, LetThrough, Loss, Plan, UnmatchedApproval } from '../model/change.ts';
import { compareText, subjectKey } from '../model/grant.ts';
import { gainsOf, heldAdditions } from './additions.ts';
import { holdBack } from './hold.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { ClusterDecisions } from './namespaces.ts';
import { emptyingLosses, heldRemovals, unprovenLosses } from './removals.ts';
import { heldSubjects } from './subjects.ts';

/** What is decided once the limits have been asked. */
export interface Limited {
  /** Without what is held back. */
  readonly clusters: readonly ClusterDecisions[];
  readonly held: readonly Held[];
  readonly letThrough: readonly LetThrough[];
  readonly unmatched: readonly UnmatchedApproval[];
  readonly digests: Pick<Plan, 'heldRemovals' | 'heldAdditions'>;
}

/** Asks the limits, and takes back what they hold. */
export function askLimits(
  limits: LimitsConfig,
  clusters: readonly ClusterDecisions[],
  { acceptRemovals, acceptAdditions, before = new Set() }: Accepted,
): Limited {
  const large = holdLarge(limits, clusters);
  // Additions before removals: whoever stays out cannot be the one who keeps a role from becoming empty.
  const adding: Limit = {
    kind: 'additions',
    held: (it) => heldAdditions(limits, it),
    counted: gainsOf,
    emptying: () => [],
  };
  const removing: Limit = {
    kind: 'removals',
    held: (it) => heldRemovals(limits, it),
    counted: unprovenLosses,
    emptying: (it) => emptyingLosses(limits, it),
  };
  const additions = ask(adding, large.clusters, acceptAdditions, before);
  const removals = ask(removing, additions.clusters, acceptRemovals, before);
  // With those who stay, a role may be too large after all.
  const larger = holdLarge(limits, removals.clusters);
  return {
    clusters: larger.clusters,
    held: [...large.held, ...additions.held, ...removals.held, ...larger.held],
    letThrough: [...sorted(additions.letThrough), ...sorted(removals.letThrough)],
    unmatched: [...additions.unmatched, ...removals.unmatched],
    digests: {
      ...(removals.digest === undefined ? {} : { heldRemovals: removals.digest }),
      ...(additions.digest === undefined ? {} : { heldAdditions: additions.digest }),
    },
  };
}

/** Nobody approves these: what does not fit into a binding cannot be applied. */
function holdLarge(limits: LimitsConfig, clusters: readonly ClusterDecisions[]): Pick<Limited, 'clusters' | 'held'> {
  const held = clusters.flatMap(({ decisions }) => decisions.flatMap((decision) => heldSubjects(limits, decision)));
  if (held.length === 0) return { clusters, held };
  const back = new Set(held.flatMap(({ gains = [] }) => gains));
  return { clusters: clusters.map((it) => without(it, back)), held };
}

interface Limit {
  readonly kind: LetThrough['kind'];
  held(cluster: ClusterDecisions): readonly Held[];
  /** The changes of a namespace that it looks at, held or not. */
  counted(decision: NamespaceDecision): readonly (Gain | Loss)[];
  /** Of those, the losses that hit `limits.neverEmpty`, too. */
  emptying(decision: NamespaceDecision): readonly Loss[];
}

interface Answer extends Pick<Limited, 'clusters' | 'held' | 'letThrough' | 'unmatched'> {
  readonly digest?: string;
}

/**
 * @param accepted the digest of what a person approves now
 * @param before digests of what they have approved and not merged yet
 */
function ask(
  limit: Limit,
  clusters: readonly ClusterDecisions[],
  accepted: string | undefined,
  before: ReadonlySet<string>,
): Answer {
  const all = clusters.flatMap(limit.held);
  const emptying = new Set<Gain | Loss>(clusters.flatMap(({ decisions }) => decisions.flatMap(limit.emptying)));
  const digestOf = (changes: readonly (Gain | Loss)[]) => digestChanges(changes, emptying);
  const earlier = namespacesIn(all, limit, clusters, digestOf).filter(({ through }) => before.has(through.digest));
  // They are approved: the rest is counted without them.
  const looked = new Set(earlier.flatMap(({ changes }) => changes));
  const held = looked.size === 0 ? all : clusters.map((it) => without(it, looked)).flatMap(limit.held);
  const letThrough = earlier.map(({ through }) => through);
  const changes = held.flatMap(({ losses, gains = [] }) => [...losses, ...gains]);
  const unmatched = accepted === undefined ? [] : [{ kind: limit.kind, digest: accepted }];
  if (changes.length === 0) return { clusters, held: [], letThrough, unmatched };
  const digest = digestOf(changes);
  if (digest === accepted) {
    const now = namespacesIn(held, limit, clusters, digestOf).map(({ through }) => through);
    return { clusters, held: [], letThrough: [...letThrough, ...now], unmatched: [] };
  }
  const back = new Set(changes);
  return { clusters: clusters.map((it) => without(it, back)), held, letThrough, unmatched, digest };
}

function without(cluster: ClusterDecisions, changes: ReadonlySet<Gain | Loss>): ClusterDecisions {
  return { ...cluster, decisions: cluster.decisions.map((decision) => holdBack(decision, changes)) };
}

/** Each namespace that something is held of, with all of it that the limit looks at: which part it holds depends on others. */
function namespacesIn(
  held: readonly Held[],
  { kind, counted }: Limit,
  clusters: readonly ClusterDecisions[],
  digestOf: (changes: readonly (Gain | Loss)[]) => string,
) {
  const places = new Set(held.map(({ cluster, namespace }) => `${cluster}/${namespace}`));
  return clusters
    .flatMap(({ decisions }) => decisions)
    .filter(({ cluster, namespace }) => places.has(`${cluster}/${namespace}`))
    .map((decision) => {
      const { cluster, namespace } = decision;
      const changes = counted(decision);
      const through: LetThrough = { cluster, namespace, kind, changes: changes.length, digest: digestOf(changes) };
      return { through, changes };
    });
}

/**
 * Names changes, so that a person can approve exactly these: 16 hexadecimal digits, the same for any order.
 *
 * @param emptying losses that leave a role without anyone that may not be: without the gain that kept it from that, the same
 *   losses are another thing to approve
 */
function digestChanges(changes: readonly (Gain | Loss)[], emptying: ReadonlySet<Gain | Loss>): string {
  const lines = changes.map((change) => {
    const { kind, cluster, namespace, role, subject } = change;
    // For gains, what is gained and for how long matters.
    const what = change.kind === 'gain' ? [change.permission, change.expires ?? ''] : [];
    if (emptying.has(change)) what.push('LIMIT_NEVER_EMPTY');
    return JSON.stringify([kind, cluster, namespace, role, subjectKey(subject), ...what]);
  });
  return createHash('sha256').update(lines.sort(compareText).join('\n')).digest('hex').slice(0, 16);
}

/** The same order whether it was approved now or before. */
function sorted(letThrough: readonly LetThrough[]): readonly LetThrough[] {
  return letThrough.toSorted((a, b) => compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace));
}
