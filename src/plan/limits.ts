import { createHash } from 'node:crypto';
import type { LimitsConfig } from '../config/types.ts';
import type { Accepted, Gain, Held, Loss, Plan } from '../model/change.ts';
import { compareText, subjectKey } from '../model/grant.ts';
import { heldAdditions } from './additions.ts';
import { holdBack } from './hold.ts';
import type { ClusterDecisions } from './namespaces.ts';
import { heldRemovals } from './removals.ts';

/** What is decided once the limits have been asked. */
export interface Limited {
  /** Without what is held back. */
  readonly clusters: readonly ClusterDecisions[];
  readonly held: readonly Held[];
  readonly digests: Pick<Plan, 'heldRemovals' | 'heldAdditions'>;
}

/** Asks the limits, and takes back what they hold. */
export function askLimits(
  limits: LimitsConfig,
  clusters: readonly ClusterDecisions[],
  { acceptRemovals, acceptAdditions }: Accepted,
): Limited {
  // Additions first: whoever stays out cannot be the one who keeps a role from becoming empty.
  const additions = ask((cluster) => heldAdditions(limits, cluster), clusters, acceptAdditions);
  const removals = ask((cluster) => heldRemovals(limits, cluster), additions.clusters, acceptRemovals);
  return {
    clusters: removals.clusters,
    held: [...additions.held, ...removals.held],
    digests: {
      ...(removals.digest === undefined ? {} : { heldRemovals: removals.digest }),
      ...(additions.digest === undefined ? {} : { heldAdditions: additions.digest }),
    },
  };
}

interface Answer {
  readonly clusters: readonly ClusterDecisions[];
  readonly held: readonly Held[];
  readonly digest?: string;
}

/** @param accepted the digest of what a person lets through */
function ask(
  limit: (cluster: ClusterDecisions) => readonly Held[],
  clusters: readonly ClusterDecisions[],
  accepted: string | undefined,
): Answer {
  const held = clusters.flatMap(limit);
  const changes = held.flatMap(({ losses, gains = [] }) => [...losses, ...gains]);
  if (changes.length === 0) return { clusters, held };
  const digest = digestOf(changes);
  if (digest === accepted) return { clusters, held: [] };
  const back = new Set(changes);
  const limited = clusters.map((cluster) => ({
    ...cluster,
    decisions: cluster.decisions.map((decision) => holdBack(decision, back)),
  }));
  return { clusters: limited, held, digest };
}

/** Names what is held, so that a person can let through exactly this: 16 hexadecimal digits, the same for any order. */
function digestOf(changes: readonly (Gain | Loss)[]): string {
  const lines = changes.map(({ cluster, namespace, role, subject }) =>
    [cluster, namespace, role, subjectKey(subject)].join('\0'),
  );
  return createHash('sha256').update(lines.sort(compareText).join('\n')).digest('hex').slice(0, 16);
}
