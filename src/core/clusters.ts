import { compareText } from '../model/text.ts';
import type { Decision } from './decision.ts';

/** The units of one cluster, decided one by one. */
export interface ClusterDecisions<D = unknown> {
  readonly cluster: string;
  /** Sorted by unit; only those that differ. */
  readonly decisions: readonly Decision<D>[];
  /** How many units are desired. */
  readonly units: number;
  /** Of the files that stay to the byte. */
  readonly unchangedWeight: number;
  /** Of the tree as it is. */
  readonly weightBefore: number;
}

/**
 * Puts decisions together by their clusters.
 *
 * @param configured in the config's order
 * @param unchanged weights by cluster, of what stays to the byte
 * @param units how many are desired, by cluster
 */
export function byCluster<D>(
  configured: readonly string[],
  decided: readonly Decision<D>[],
  unchanged: ReadonlyMap<string, number>,
  units: ReadonlyMap<string, number>,
): readonly ClusterDecisions<D>[] {
  const groups = Map.groupBy(decided, ({ unit }) => unit.cluster);
  const clusters = new Set([...configured, ...[...groups.keys()].sort(compareText)]);
  return [...clusters].map((cluster) => {
    const decisions = groups.get(cluster) ?? [];
    const unchangedWeight = unchanged.get(cluster) ?? 0;
    const weightBefore = decisions.reduce((sum, { weight }) => sum + weight, unchangedWeight);
    return { cluster, decisions, units: units.get(cluster) ?? 0, unchangedWeight, weightBefore };
  });
}
