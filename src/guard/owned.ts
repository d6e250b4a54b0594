import type { Territory } from '../core/territory.ts';

/** Whether a path lies in a folder of the program, or in the way of one. What the config keeps there for others is theirs. */
export function ownedBy(territories: readonly Territory[]): (path: string) => boolean {
  const isInside = (path: string, { roots }: Territory) =>
    roots.some((root) => path.startsWith(`${root}/`) || root === path || root.startsWith(`${path}/`));
  return (path) => territories.some((it) => isInside(path, it) && (it.isRenderedAt(path) || !it.keeps(path)));
}
