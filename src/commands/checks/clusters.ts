import type { ClusterConfig } from '../../config/types.ts';
import type { CommonFlags } from '../io.ts';
import type { DoctorContext } from './context.ts';
import { attempt, error, type Finding, ok, warning } from './finding.ts';

/** The API servers that the config names: whether they answer, which clusters they are, and what may be read there. */
export async function checkClusters(context: DoctorContext, flags: CommonFlags): Promise<readonly Finding[]> {
  const named = context.workspace.config.clusters.filter(
    ({ kube, namespaces }) => kube !== null || !('files' in namespaces),
  );
  const findings = named.map((cluster) => attempt('cluster', () => checkCluster(context, flags, cluster)));
  return (await Promise.all(findings)).flat();
}

async function checkCluster(
  { io, workspace }: DoctorContext,
  flags: CommonFlags,
  cluster: ClusterConfig,
): Promise<readonly Finding[]> {
  // It takes a third of a second to load: only where a cluster is named.
  const [{ openCluster }, { tryLists }] = await Promise.all([
    import('../open-cluster.ts'),
    import('../../cluster/read.ts'),
  ]);
  const { session, identify } = openCluster(io, workspace.config, cluster, flags);
  try {
    const uid = await identify(false);
    const problems = await tryLists(session);
    const place = `${cluster.name}: context ${session.context} at ${session.server}`;
    const findings = problems.map(({ code, message, next }) =>
      error('cluster', `${code}: ${message}`, next ?? 'see docs/drift.md'),
    );
    if (uid.kind !== 'value') {
      const fix = 'let the identity get the namespace kube-system (docs/clusterrole.yaml)';
      findings.push(warning('cluster', `${place}: which cluster it is may not be read`, fix));
    } else if (cluster.kube?.uid === null && workspace.config.athenz.cache === 'off') {
      const message = `${place}: nothing would notice if the context led to another cluster (athenz.cache is off)`;
      findings.push(warning('cluster', message, `set clusters[].kube.uid to ${uid.value}`));
    }
    return findings.length > 0 ? findings : [ok('cluster', place)];
  } finally {
    await session.close();
  }
}
