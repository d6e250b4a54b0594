import type { ClusterConfig } from '../config/types.ts';
import { readInventory } from '../inventory/inventory.ts';
import { liveInventory } from '../inventory/live.ts';
import { presumeNamespaces } from '../inventory/presumed.ts';
import { AppError, toProblem } from '../model/error.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { compileLayout } from '../model/layout.ts';
import type { FileTree } from '../model/tree.ts';
import type { Io } from './io.ts';
import type { Workspace } from './workspace.ts';

/**
 * The namespaces of every cluster: from the files of a tree, or from the cluster itself where the config says so.
 *
 * @param ask reads those of a cluster
 * @throws AppError `CLUSTER_CONFIG` where nothing says how a cluster is reached; what cannot be read is a problem of it
 */
export async function gatherInventory(
  { config }: Pick<Workspace, 'config'>,
  tree: FileTree,
  ask: (cluster: ClusterConfig) => Promise<ClusterInventory>,
): Promise<readonly ClusterInventory[]> {
  const inFiles = await readInventory(config.clusters, tree);
  const found = await Promise.all(
    config.clusters.map(async (cluster) => inFiles.find((it) => it.cluster === cluster.name) ?? (await ask(cluster))),
  );
  return presumeNamespaces(found, config.clusters, compileLayout(config.output.path), tree);
}

/** Asks the API server of a cluster for its namespaces. @param remembering which cluster it was */
export function askingCluster(
  io: Io,
  workspace: Workspace,
  remembering = true,
): (cluster: ClusterConfig) => Promise<ClusterInventory> {
  return async (cluster) => {
    // It takes a third of a second to load: only where a cluster is read.
    const { openCluster } = await import('./open-cluster.ts');
    const { listNamespaces: list } = await import('../cluster/read.ts');
    const selector = 'files' in cluster.namespaces ? null : cluster.namespaces.selector;
    const opened = openCluster(io, workspace, cluster, { logLevel: 'info' });
    try {
      const uid = await opened.identify(remembering);
      const found = liveInventory(cluster, await list(opened.session, selector));
      // It may be any other cluster: what it lacks has not left this one.
      return uid.kind === 'unknown' ? { ...found, problems: [...found.problems, uid.problem] } : found;
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'CLUSTER_CONFIG') throw error;
      return liveInventory(cluster, toProblem(error));
    } finally {
      await opened.session.close();
    }
  };
}
