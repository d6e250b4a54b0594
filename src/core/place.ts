import { compareText } from '../model/text.ts';
import type { Held } from './change.ts';
import type { PathClaims } from './claims.ts';
import { holdFile, misplaced, unitIn } from './current.ts';
import type { CurrentFile, Pending } from './decision.ts';
import type { Territory } from './territory.ts';
import { filesAbove, type TreeIndex, twinsOf } from './tree-index.ts';
import { unitKey } from './unit.ts';

/** Files that differ, with the units that they hold or stand in the way of. */
export interface Placed<S> {
  /** Sorted by path. @param key of the unit */
  filesOf(key: string): readonly CurrentFile<S>[];
  /** Files that belong to no unit. */
  readonly held: readonly Held<never>[];
}

/** Brings files to their units. */
export function placeFiles<S>(
  pending: ReadonlyMap<string, Pending>,
  found: readonly CurrentFile<S>[],
  index: TreeIndex,
  claims: PathClaims,
  territory: Pick<Territory, 'advice'>,
): Placed<S> {
  const movable = new Set(found.flatMap((it) => (unitIn(it) === undefined ? [] : [it.file.path])));
  const byUnit = new Map<string, CurrentFile<S>[]>();
  const obstacles = new Set<string>();
  const put = (key: string, file: CurrentFile<S>) => {
    const files = byUnit.get(key);
    if (files === undefined) byUnit.set(key, [file]);
    else files.push(file);
  };
  for (const [key, { unit, desired }] of pending) {
    for (const { path } of desired?.files ?? []) {
      for (const file of obstaclesOf<S>(path, unit.cluster, index, movable)) {
        put(key, file);
        obstacles.add(file.file.path);
      }
    }
  }
  const held: Held<never>[] = [];
  for (const file of found) {
    const { path } = file.file;
    // It is named already, with what it is in the way of.
    if (obstacles.has(path) && !movable.has(path)) continue;
    const own = unitIn(file);
    const unit = claims.at(path) ?? own;
    if (unit === undefined) {
      const why = holdFile({ cluster: file.cluster }, misplaced(file), territory);
      if (why !== undefined) held.push(why);
      continue;
    }
    const key = unitKey(unit);
    put(key, own !== undefined && unitKey(own) === key ? file : misplaced(file));
  }
  return {
    filesOf: (key) => (byUnit.get(key) ?? []).sort((a, b) => compareText(a.file.path, b.file.path)),
    held,
  };
}

/** What stands where a file is to be written: something where a folder would be, or the same path in other letters. */
function obstaclesOf<S>(
  path: string,
  cluster: string,
  index: TreeIndex,
  movable: ReadonlySet<string>,
): readonly CurrentFile<S>[] {
  const above = filesAbove(path, index).map((file) => ({ file, cluster, parsed: { kind: 'foreign' } as const }));
  const twins = twinsOf(path, index)
    .filter((file) => !movable.has(file.path))
    .map((file) => ({ file, cluster, parsed: { kind: 'twin', of: path } as const }));
  return [...above, ...twins];
}
