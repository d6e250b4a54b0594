import type { UnitId, UnitNumbers } from './unit.ts';

/** Units that equal the tree and were let go of: all that is kept of each is what it weighs. */
export interface Released {
  add(unit: UnitId, weight: number): void;
  /** Of one that is looked at again after all, which may never have been added. */
  remove(unit: UnitId): void;
  /** What they weigh together, by cluster. */
  weights(): Map<string, number>;
}

export function openReleased(units: UnitNumbers): Released {
  /** By the unit's number; none for one that is not released. */
  const weights: (number | undefined)[] = [];
  const sums = new Map<string, number>();
  const set = (unit: UnitId, weight: number | undefined) => {
    const number = units.add(unit);
    sums.set(unit.cluster, (sums.get(unit.cluster) ?? 0) + (weight ?? 0) - (weights[number] ?? 0));
    weights[number] = weight;
  };
  return {
    add: set,
    remove: (unit) => set(unit, undefined),
    weights: () => new Map(sums),
  };
}
