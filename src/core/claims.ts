import type { Held } from './change.ts';
import type { Desired, Recalled } from './decision.ts';
import { namesOf, type UnitId, unitKey } from './unit.ts';

/** Which unit takes which path. */
export interface PathClaims {
  /** Claims the paths of a unit. Two that claim one, also on a file system that folds case, are both held. */
  add(desired: Desired | Recalled): void;
  /** The unit that claims exactly this path. */
  at(path: string): UnitId | undefined;
  paths(): Iterable<string>;
  /** Units that share a path with another one, by `unitKey`. */
  readonly shared: ReadonlyMap<string, Held<never>>;
}

interface Claim {
  readonly path: string;
  readonly unit: UnitId;
}

/** @param advice what to do about two units that share a path */
export function openPathClaims(advice: string): PathClaims {
  /** By the path as a file system that folds case has it. */
  const claimed = new Map<string, Claim>();
  const shared = new Map<string, Held<never>>();
  return {
    shared,
    add({ unit, files }) {
      for (const { path } of files) {
        const folded = path.toLowerCase();
        const first = claimed.get(folded);
        if (first === undefined) claimed.set(folded, { path, unit });
        else
          for (const it of [first.unit, unit])
            shared.set(unitKey(it), { ...collision(it, path, first, unit), next: advice });
      }
    },
    at(path) {
      const found = claimed.get(path.toLowerCase());
      return found?.path === path ? found.unit : undefined;
    },
    *paths() {
      for (const { path } of claimed.values()) yield path;
    },
  };
}

function collision(unit: UnitId, path: string, first: Claim, second: UnitId): Omit<Held<never>, 'next'> {
  const message =
    unitKey(first.unit) === unitKey(second)
      ? `rendering ${nameOf(unit)}: ${first.path} and ${path} collide on case-insensitive file systems`
      : `rendering ${path}: ${nameOf(first.unit)} and ${nameOf(second)} would share it`;
  return { ...unit, code: 'OUTPUT_COLLISION', message, changes: [] };
}

function nameOf(unit: UnitId): string {
  return [unit.cluster, ...namesOf(unit)].join('/');
}
