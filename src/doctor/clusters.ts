import type { ClusterConfig } from '../config/types.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import type { Outcome } from '../model/outcome.ts';
import type { CommonFlags } from '../run/io.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, failed, findingsOf, ok, warning } from './finding.ts';

/** The API servers that the config names: whether they answer, which clusters they are, and what may be read there. */
export async function checkClusters(context: DoctorContext, flags: CommonFlags): Promise<readonly Finding[]> {
  const named = context.workspace.config.clusters.filter(
    ({ kube, namespaces }) => kube !== null || !('files' in namespaces),
  );
  const findings = named.map((cluster) => findingsOf('cluster', () => checkCluster(context, flags, cluster)));
  return (await Promise.all(findings)).flat();
}

/** What keeps everything else of a cluster from being asked for, or makes it another cluster's. */
const beyondReach: readonly ErrorCode[] = [
  'CLUSTER_UNREACHABLE',
  'CLUSTER_TIMEOUT',
  'CLUSTER_TLS',
  'CLUSTER_UNAUTHENTICATED',
  'CLUSTER_CHANGED',
];

async function checkCluster(
  { io, workspace }: DoctorContext,
  flags: CommonFlags,
  cluster: ClusterConfig,
): Promise<readonly Finding[]> {
  // It takes a third of a second to load: only where a cluster is named.
  const [{ openCluster }, { tryLists }] = await Promise.all([
    import('../run/open-cluster.ts'),
    import('../cluster/read.ts'),
  ]);
  const { session, identify } = openCluster(io, workspace, cluster, flags);
  const place = `${cluster.name}: context ${session.context} at ${session.server}`;
  const named = async () => checkUid(await identify(false), place, cluster, workspace.config.athenz.cache === 'off');
  const listed = async () =>
    (await tryLists(session)).map(({ code, message, next }) =>
      error('cluster', `${code}: ${message}`, next ?? 'see docs/how-to/drift.md'),
    );
  try {
    const findings: Finding[] = [];
    try {
      findings.push(...(await named()));
    } catch (thrown) {
      findings.push(failed('cluster', thrown));
      if (thrown instanceof AppError && beyondReach.includes(thrown.code)) return findings;
    }
    findings.push(...(await findingsOf('cluster', listed)));
    return findings.length > 0 ? findings : [ok('cluster', place)];
  } finally {
    await session.close();
  }
}

function checkUid(
  uid: Outcome<string>,
  place: string,
  { kube }: ClusterConfig,
  forgetful: boolean,
): readonly Finding[] {
  if (uid.kind !== 'value') {
    const fix = 'let the identity get the namespace kube-system (docs/clusterrole.yaml)';
    return [warning('cluster', `${place}: cannot read the kube-system UID`, fix)];
  }
  if (kube?.uid !== null || !forgetful) return [];
  const message = `${place}: a context that points to another cluster would go unnoticed (athenz.cache is off)`;
  return [warning('cluster', message, `set clusters[].kube.uid to ${uid.value}`)];
}
