import type { ClusterConfig } from '../config/types.ts';
import type { MirrorsConfig } from '../generators/mirror/config.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import type { CommonFlags } from '../run/io.ts';
import { excludedBy } from './argo-exclusions.ts';
import type { DoctorContext } from './context.ts';
import { fieldsOf } from './fields.ts';
import { error, type Finding, ok, skipped } from './finding.ts';

const check = 'mirrors';

/** Whether what mirrors Services reaches the clusters: Argo CD leaves EndpointSlices out by default. */
export async function checkMirrors(context: DoctorContext, flags: CommonFlags): Promise<readonly Finding[]> {
  const config = context.workspace.config.generators['mirrors'] as MirrorsConfig | undefined;
  const rules = (config?.services ?? []).flatMap(({ mode, destination }, index) =>
    mode === 'endpointslice' ? [{ index, cluster: destination.cluster }] : [],
  );
  if (rules.length === 0) return [];
  const names = rules.map(({ index }) => `mirrors.services[${index}]`).join(', ');
  const advice = `${names}: addresses of Pods go into git; modes mcs, cilium and linkerd keep them out`;
  const known = context.workspace.config.clusters.filter(({ kube }) => kube !== null);
  const targets = [...new Set(rules.map(({ cluster }) => cluster))];
  const addresses = new Map<string, string>();
  for (const cluster of known) addresses.set(cluster.name, await serverOf(context, flags, cluster));
  const found: Finding[] = [];
  for (const cluster of known) {
    // Its own cluster has another name for Argo CD; of one without kube, no more is known than that it has some address.
    const servers = targets.map((name) => [
      addresses.get(name) ?? 'https://unknown',
      ...(name === cluster.name ? ['https://kubernetes.default.svc'] : []),
    ]);
    found.push(...(await checkArgoIn(context, flags, cluster, servers)));
  }
  if (found.length === 0) {
    const message = 'not checked: whether Argo CD applies EndpointSlices; no cluster with kube has argocd/argocd-cm';
    found.push(ok(check, message));
  }
  return [ok(check, advice), ...found];
}

/** Where a cluster listens; nothing is sent. */
async function serverOf({ io, workspace }: DoctorContext, flags: CommonFlags, cluster: ClusterConfig): Promise<string> {
  const { openCluster } = await import('../run/open-cluster.ts');
  const { session } = openCluster(io, workspace, cluster, flags);
  await session.close();
  return session.server;
}

/**
 * @param destinations addresses of each
 * @returns nothing where the cluster has no Argo CD
 */
async function checkArgoIn(
  { io, workspace }: DoctorContext,
  flags: CommonFlags,
  cluster: ClusterConfig,
  destinations: readonly (readonly string[])[],
): Promise<readonly Finding[]> {
  const [{ openCluster }, { listObjects }] = await Promise.all([
    import('../run/open-cluster.ts'),
    import('../cluster/objects.ts'),
  ]);
  const { name } = cluster;
  const { session } = openCluster(io, workspace, cluster, flags);
  try {
    const query = { group: '', kind: 'ConfigMap', namespace: 'argocd', name: 'argocd-cm' };
    const [map] = await listObjects(session, query);
    if (map === undefined) return [];
    const data = fieldsOf(fieldsOf(map)['data']);
    const kind = { group: 'discovery.k8s.io', kind: 'EndpointSlice' };
    const by = destinations.map((servers) => excludedBy(data, { ...kind, servers })).find((it) => it !== undefined);
    return [
      by === undefined ? ok(check, `argocd-cm of ${name} does not leave out EndpointSlices`) : excluded(name, by),
    ];
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code === 'CANCELLED') throw thrown;
    return [skipped(check, `argocd-cm of ${name} cannot be read (${thrown.code}: ${thrown.message})`)];
  } finally {
    await session.close();
  }
}

function excluded(cluster: string, by: string): Finding {
  const code: ErrorCode = 'MIRROR_ARGOCD_EXCLUDED';
  const message = `${code}: ${by} in argocd-cm of ${cluster} leaves out discovery.k8s.io/EndpointSlice (default since Argo CD 3.0): Applications show Synced, and mirrored Services have no endpoints`;
  const fix =
    'remove EndpointSlice from that entry and keep Endpoints, or give it clusters: without this destination; or use mode mcs, cilium, linkerd or externalname; or let Flux apply the folder';
  return error(check, message, fix);
}
