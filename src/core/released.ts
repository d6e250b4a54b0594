import type { UnitId } from './unit.ts';

/** Units that equal the tree and were let go of: all that is kept of each is what it weighs. */
export interface Released {
  add(unit: UnitId, weight: number): void;
  /** Of one that is looked at again after all, which may never have been added. */
  remove(unit: UnitId): void;
  /** What they weigh together, by cluster. */
  weights(): Map<string, number>;
}

export function openReleased(): Released {
  const clusters = new Map<string, Map<string, number>>();
  return {
    add(unit, weight) {
      const units = clusters.get(unit.cluster) ?? new Map<string, number>();
      clusters.set(unit.cluster, units);
      units.set(nameIn(unit), weight);
    },
    remove(unit) {
      clusters.get(unit.cluster)?.delete(nameIn(unit));
    },
    weights() {
      const sums = new Map<string, number>();
      for (const [cluster, units] of clusters)
        sums.set(
          cluster,
          [...units.values()].reduce((sum, it) => sum + it, 0),
        );
      return sums;
    },
  };
}

/** What a unit is known by in its cluster: two are the same exactly when this is. */
function nameIn({ namespace = '', name }: UnitId): string {
  return name === undefined ? namespace : `${namespace}\0${name}`;
}
