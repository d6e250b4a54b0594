import { compareText } from '../model/text.ts';
import type { Held } from './change.ts';
import type { Desired, Recalled } from './decision.ts';
import { compareUnits, namesOf, type UnitId, unitKey } from './unit.ts';

/** Which unit takes which path. */
export interface PathClaims {
  /** Claims the paths of a unit. Two that claim one, also on a file system that folds case, are both held. */
  add(desired: Desired | Recalled): void;
  /** The unit that claims exactly this path. */
  at(path: string): UnitId | undefined;
  paths(): Iterable<string>;
  /** Units that share a path with another one, by `unitKey`: the same in whatever order they came. */
  shared(): ReadonlyMap<string, Held<never>>;
}

interface Claim {
  readonly path: string;
  readonly unit: UnitId;
}

/** @param advice what to do about two units that share a path */
export function openPathClaims(advice: string): PathClaims {
  /** By the path as a file system that folds case has it. */
  const claimed = new Map<string, Claim>();
  /** Those with more than one claim, sorted. */
  const contested = new Map<string, readonly Claim[]>();
  return {
    add({ unit, files }) {
      for (const { path } of files) {
        const folded = path.toLowerCase();
        const first = claimed.get(folded);
        if (first === undefined) claimed.set(folded, { path, unit });
        else contested.set(folded, [...(contested.get(folded) ?? [first]), { path, unit }].sort(compareClaims));
      }
    },
    at(path) {
      const folded = path.toLowerCase();
      const one = claimed.get(folded);
      return (contested.get(folded) ?? (one === undefined ? [] : [one])).find((it) => it.path === path)?.unit;
    },
    *paths() {
      for (const [folded, { path }] of claimed) {
        const claims = contested.get(folded);
        yield* claims === undefined ? [path] : new Set(claims.map((it) => it.path));
      }
    },
    shared() {
      const shared = new Map<string, Held<never>>();
      for (const [, [first, ...others]] of [...contested].sort(([a], [b]) => compareText(a, b))) {
        if (first === undefined) continue;
        for (const { path, unit } of others) {
          for (const it of [first.unit, unit]) {
            const key = unitKey(it);
            if (!shared.has(key)) shared.set(key, { ...collision(it, path, first, unit), next: advice });
          }
        }
      }
      return shared;
    },
  };
}

function compareClaims(a: Claim, b: Claim): number {
  return compareUnits(a.unit, b.unit) || compareText(a.path, b.path);
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
