import { resolve } from 'node:path';
import { readRbacObjects } from '../cluster/read.ts';
import type { ClusterConfig, KubeConfig } from '../config/types.ts';
import type { LiveCluster } from '../model/cluster.ts';
import { AppError, toProblem } from '../model/error.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { type OpenedCluster, openCluster } from '../run/open-cluster.ts';
import type { Workspace } from '../run/workspace.ts';
import type { Unread } from './result.ts';

/** How one cluster is reached, in place of what the config says. */
export interface KubeFlags {
  readonly context?: string;
  readonly kubeconfig?: string;
}

/**
 * The workspace with its one cluster reached as flags say: for its namespaces, where the cluster has those, as for its objects.
 *
 * @throws AppError `USAGE` where there are several
 */
export function withKube<T extends Workspace>(io: Io, workspace: T, flags: KubeFlags): T {
  if (flags.context === undefined && flags.kubeconfig === undefined) return workspace;
  const { config } = workspace;
  if (config.clusters.length > 1) {
    throw new AppError('USAGE', '--context and --kubeconfig apply to one cluster, but there are several', {
      next: 'choose one with --cluster, or set clusters[].kube',
    });
  }
  const clusters = config.clusters.map((cluster) => ({ ...cluster, kube: kubeOf(io, cluster, flags) }));
  return { ...workspace, config: { ...config, clusters } };
}

/** The clusters of the config, ready to be asked; nothing is sent. @throws AppError `CLUSTER_CONFIG` */
export function openClusters(io: Io, workspace: Workspace, flags: CommonFlags): ReadonlyMap<string, OpenedCluster> {
  const { clusters } = workspace.config;
  const unset = clusters.find(({ kube }) => kube === null);
  if (unset !== undefined && clusters.length > 1) {
    throw new AppError('CLUSTER_CONFIG', `connecting to cluster ${unset.name}: its kube settings are missing`, {
      next: `set kube: {context: …} of the cluster, or select others with --cluster`,
    });
  }
  return new Map(clusters.map((cluster) => [cluster.name, openCluster(io, workspace, cluster, flags)]));
}

function kubeOf(io: Io, { kube }: ClusterConfig, { context, kubeconfig }: KubeFlags): KubeConfig {
  const said = kube ?? { context: null, kubeconfig: null, inCluster: false, uid: null };
  const file = kubeconfig === undefined ? said.kubeconfig : resolve(io.cwd, kubeconfig);
  return { ...said, inCluster: false, context: context ?? said.context, kubeconfig: file };
}

/** What was found in clusters, and what could not be read. */
export interface ReadClusters {
  readonly live: readonly LiveCluster[];
  readonly unread: readonly Unread[];
}

/**
 * Reads clusters side by side. One that cannot be read is reported; the others continue.
 *
 * @param wanted by cluster, the namespaces to look at in any case
 * @throws AppError the only cluster's, or `CLUSTER_NOTHING_READ`, when not one could be read
 */
export async function readClusters(
  opened: ReadonlyMap<string, OpenedCluster>,
  wanted: ReadonlyMap<string, readonly string[]>,
): Promise<ReadClusters> {
  const reads = await Promise.all(
    [...opened].map(async ([name, cluster]) => {
      try {
        return await readCluster(name, cluster, wanted.get(name) ?? []);
      } catch (error) {
        if (error instanceof AppError) return error;
        throw error;
      }
    }),
  );
  const failed = reads.filter((read) => read instanceof AppError);
  const [first] = failed;
  if (first !== undefined && failed.length === reads.length)
    throw reads.length === 1 ? first : nothingRead(reads.length, first);
  return {
    live: reads.flatMap((read) => (read instanceof AppError ? [] : [read.live])),
    unread: reads.flatMap((read, index) => {
      if (!(read instanceof AppError)) return read.unread;
      return [{ cluster: [...opened.keys()][index] ?? '', problem: toProblem(read) }];
    }),
  };
}

async function readCluster(
  cluster: string,
  { session, identify }: OpenedCluster,
  wanted: readonly string[],
): Promise<{ readonly live: LiveCluster; readonly unread: readonly Unread[] }> {
  const uid = await identify();
  const namespaces = await readRbacObjects(session, wanted);
  const unread = [...namespaces].flatMap(([namespace, read]): Unread[] =>
    read.kind === 'unknown' ? [{ cluster, namespace, problem: read.problem }] : [],
  );
  const { context, server, requests } = session;
  const live = { cluster, context, server, namespaces, requests };
  if (uid.kind === 'value') return { live: { ...live, uid: uid.value }, unread };
  return { live, unread: uid.kind === 'unknown' ? [{ cluster, problem: uid.problem }, ...unread] : unread };
}

function nothingRead(clusters: number, { code, message, next }: AppError): AppError {
  const what = `none of ${clusters} clusters could be read. ${code}: ${message}`;
  return new AppError('CLUSTER_NOTHING_READ', what, next === undefined ? {} : { next });
}
