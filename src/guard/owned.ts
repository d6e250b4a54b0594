import type { Territory } from '../core/territory.ts';
import { overlapOf } from '../model/path.ts';

/** Whether a path lies in a folder of the program, or in the way of one. What the config keeps there for others is theirs. */
export function ownedBy(territories: readonly Territory[]): (path: string) => boolean {
  const isInside = (path: string, { roots }: Territory) => roots.some((root) => overlapOf(root, path) !== undefined);
  return (path) => territories.some((it) => isInside(path, it) && (it.isRenderedAt(path) || !it.keeps(path)));
}
