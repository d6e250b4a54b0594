import type { ClusterConfig } from '../config/types.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { Layout } from '../model/layout.ts';
import type { FileTree } from '../model/tree.ts';
import { excluder } from './exclude.ts';

/**
 * Presumes of each cluster whose inventory is incomplete that namespaces with rendered files are still there: a mistake in one file of
 * namespaces must not keep a grant that Athenz has ended.
 *
 * @param tree with the rendered files
 */
export async function presumeNamespaces(
  inventory: readonly ClusterInventory[],
  clusters: readonly ClusterConfig[],
  layout: Pick<Layout, 'rootOf' | 'namespacesAt'>,
  tree: FileTree,
): Promise<readonly ClusterInventory[]> {
  const incomplete = inventory.filter(({ problems }) => problems.length > 0);
  const files = incomplete.length === 0 ? [] : await tree.list(incomplete.map((it) => layout.rootOf(it.cluster)));
  const paths = files.map(({ path }) => path);
  return inventory.map((it) => {
    const cluster = clusters.find(({ name }) => name === it.cluster);
    if (it.problems.length === 0 || cluster === undefined) return it;
    const excludes = excluder(cluster.namespaces.exclude);
    const found = new Set([...it.namespaces, ...it.excluded].map(({ name }) => name));
    const presumed = layout
      .namespacesAt(paths, it.cluster)
      .filter((name) => !found.has(name) && excludes(name) === undefined)
      .map((name) => ({ name, source: 'rendered files' }));
    return presumed.length === 0 ? it : { ...it, presumed };
  });
}
