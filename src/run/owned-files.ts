import { AppError } from '../model/error.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { Configured } from './generators.ts';
import { kustomizationPaths } from './kustomizations.ts';

/** The paths that `listOwned` lists. */
export function ownedPaths({ territory: { roots } }: Pick<Configured, 'territory'>): readonly string[] {
  return [...roots, ...kustomizationPaths(roots)];
}

/**
 * The files in the folders of a generator, and the kustomizations above them.
 *
 * @throws AppError `OUTPUT_LINK` where something else than a folder is on the way to the folder of a cluster
 */
export async function listOwned(
  configured: Pick<Configured, 'territory'> & { readonly setting: Pick<Configured['setting'], 'clusters'> },
  tree: FileTree,
): Promise<Iterable<TreeFile>> {
  const { territory, setting } = configured;
  const files = await tree.scan(ownedPaths(configured));
  await refuseLinks(setting.clusters.map(territory.rootOf), tree, territory.advice.obstacle, files);
  return files;
}

/**
 * Refuses folders that cannot be written to as folders of this repository.
 *
 * @param roots the folders of the clusters
 * @param advice what to do where one leads elsewhere
 * @param files what the tree lists below them: the way to a listed file is free
 * @throws AppError `OUTPUT_LINK` where a link, a submodule or a file is on the way to one
 */
export async function refuseLinks(
  roots: readonly string[],
  tree: FileTree,
  advice: string,
  files: Iterable<TreeFile> = [],
): Promise<void> {
  const unseen = new Set(roots);
  const longest = Math.max(...roots.map(({ length }) => length));
  for (const { path } of files) {
    if (unseen.size === 0) break;
    for (let end = path.indexOf('/'); end > 0 && end <= longest; end = path.indexOf('/', end + 1)) {
      unseen.delete(path.slice(0, end));
    }
  }
  const [obstacle] = await tree.obstacles([...unseen]);
  if (obstacle === undefined) return;
  const what = obstacle.mode === '120000' ? 'a link' : obstacle.mode === '160000' ? 'a submodule' : 'a file';
  throw new AppError('OUTPUT_LINK', `writing below ${obstacle.path}: it is ${what}, not a folder of this repository`, {
    next: advice,
  });
}
