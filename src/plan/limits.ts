import { createHash } from 'node:crypto';
import type { LimitsConfig } from '../config/types.ts';
import type { Accepted, Held, Loss } from '../model/change.ts';
import { compareText, subjectKey } from '../model/grant.ts';
import { holdBack } from './hold.ts';
import type { ClusterDecisions } from './namespaces.ts';
import { heldRemovals } from './removals.ts';

/** What is decided once the limits have been asked. */
export interface Limited {
  /** Without what is held back. */
  readonly clusters: readonly ClusterDecisions[];
  readonly held: readonly Held[];
  /** Names what is held, so that a person can let through exactly this; not set when nothing is. */
  readonly digest?: string;
}

/** Asks the limits, and takes back what they hold. */
export function askLimits(
  limits: LimitsConfig,
  clusters: readonly ClusterDecisions[],
  { acceptRemovals }: Accepted,
): Limited {
  const held = clusters.flatMap((cluster) => heldRemovals(limits, cluster));
  const changes = held.flatMap(({ losses }) => losses);
  if (changes.length === 0) return { clusters, held };
  const digest = digestOf(changes);
  if (digest === acceptRemovals) return { clusters, held: [] };
  const back = new Set(changes);
  const limited = clusters.map((cluster) => ({
    ...cluster,
    decisions: cluster.decisions.map((decision) => holdBack(decision, back)),
  }));
  return { clusters: limited, held, digest };
}

/** 16 hexadecimal digits, the same for any order. */
function digestOf(changes: readonly Loss[]): string {
  const lines = changes.map(({ cluster, namespace, role, subject }) =>
    [cluster, namespace, role, subjectKey(subject)].join('\0'),
  );
  return createHash('sha256').update(lines.sort(compareText).join('\n')).digest('hex').slice(0, 16);
}
