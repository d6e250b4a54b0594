import { compareText } from '../model/text.ts';
import { numberTexts } from '../model/text-numbers.ts';
import type { Held } from './change.ts';
import type { Desired, Recalled } from './decision.ts';
import { compareUnits, namesOf, type UnitId, type UnitNumbers, unitKey } from './unit.ts';

/** Which unit takes which path. */
export interface PathClaims {
  /** Claims the paths of a unit. Two that claim one, also on a file system that folds case, are both held. */
  add(desired: Desired | Recalled): void;
  /** The unit that claims exactly this path. */
  at(path: string): UnitId | undefined;
  /** `unitKey` of it. */
  keyAt(path: string): string | undefined;
  paths(): Iterable<string>;
  /** Units that share a path with another one, by `unitKey`: the same in whatever order they came. */
  shared(): ReadonlyMap<string, Held<never>>;
}

interface Claim {
  readonly path: string;
  readonly unit: UnitId;
}

/** @param advice what to do about two units that share a path @param units those of the walk */
export function openPathClaims(advice: string, units: UnitNumbers): PathClaims {
  /** Paths as a file system that folds case has them. */
  const folded = numberTexts();
  /** By the number of the folded path: the number of the unit that claimed it first, and its path where that is another text. */
  const owners: number[] = [];
  const cased = new Map<number, string>();
  /** Those with more than one claim, sorted. */
  const contested = new Map<number, readonly Claim[]>();
  const pathAt = (number: number) => cased.get(number) ?? folded.at(number);
  const firstAt = (number: number): Claim => ({ path: pathAt(number), unit: units.at(owners[number] ?? -1) });
  /** The number of the unit that claims a path. */
  const ownerOf = (path: string) => {
    const number = folded.find(path.toLowerCase());
    if (number === undefined) return undefined;
    const claims = contested.get(number);
    if (claims === undefined) return pathAt(number) === path ? owners[number] : undefined;
    const claim = claims.find((it) => it.path === path);
    return claim && units.add(claim.unit);
  };
  return {
    add({ unit, files }) {
      for (const { path } of files) {
        const key = path.toLowerCase();
        const number = folded.add(key);
        if (number === owners.length) {
          owners.push(units.add(unit));
          if (key !== path) cased.set(number, path);
        } else {
          const claims = contested.get(number) ?? [firstAt(number)];
          contested.set(number, [...claims, { path, unit }].sort(compareClaims));
        }
      }
    },
    at(path) {
      const owner = ownerOf(path);
      return owner === undefined ? undefined : units.at(owner);
    },
    keyAt(path) {
      const owner = ownerOf(path);
      return owner === undefined ? undefined : units.keyAt(owner);
    },
    *paths() {
      for (let number = 0; number < folded.size; number++) {
        const claims = contested.get(number);
        yield* claims === undefined ? [pathAt(number)] : new Set(claims.map((it) => it.path));
      }
    },
    shared() {
      const shared = new Map<string, Held<never>>();
      const sorted = [...contested].sort(([a], [b]) => compareText(folded.at(a), folded.at(b)));
      for (const [, [first, ...others]] of sorted) {
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
