import { pathInside } from '../git/path.ts';
import type { Workspace } from '../run/workspace.ts';

/** Lines that `.gitignore` lacks: the key and the cache, where they are inside of the repository. */
export async function linesToIgnore({ config, root, repository }: Workspace): Promise<readonly string[]> {
  const { keyPath, cache } = config.athenz;
  const wanted: string[] = [];
  for (const [path, end] of [
    [keyPath, ''],
    [cache === 'off' ? null : cache, '/'],
  ] as const) {
    const below = path === null ? undefined : pathInside(root, path);
    if (below === undefined) continue;
    const isIgnored = await repository?.git.ask('check-ignore', '--', `${below}${end}`);
    if (isIgnored === undefined) wanted.push(`/${escapeGlob(below)}${end}`);
  }
  return wanted;
}

/** A name as a pattern that matches it alone. */
function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&').replace(/ $/, '\\ ');
}
