import type { ClusterConfig } from '../config/types.ts';
import { AppError } from '../model/error.ts';
import type { Workspace } from './workspace.ts';

/**
 * A cluster whose API server the config says how to reach.
 *
 * @throws AppError `CLUSTER_CONFIG`
 */
export function readableCluster(
  { clusters }: Pick<Workspace, 'clusters'>,
  name: string,
): Pick<ClusterConfig, 'name' | 'domain' | 'kube'> {
  const cluster = clusters.find((it) => it.name === name);
  if (cluster === undefined) throw unknownCluster(name);
  // The current context of a kubeconfig is one cluster: it must not be read in place of several.
  if (cluster.kube === null && clusters.length > 1) {
    const message = `reading cluster ${name}: the config does not say how`;
    throw new AppError('CLUSTER_CONFIG', message, { next: 'set clusters[].kube.context' });
  }
  return cluster;
}

export function unknownCluster(name: string): AppError {
  const message = `reading cluster ${name}: it is no cluster of the config`;
  return new AppError('CLUSTER_CONFIG', message, { next: 'correct the name, or add it to clusters' });
}
