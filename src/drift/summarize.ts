import type { LiveCluster } from '../model/cluster.ts';
import { exitCode } from '../model/error.ts';
import { isDrifted } from './classify.ts';
import type { ClusterDrift, DriftResult, ProbeResult, Unread } from './result.ts';
import type { ComparedBinding } from './sides.ts';

/** Files of git that cannot be read. */
export function unreadFiles(compared: readonly ComparedBinding[]): readonly Unread[] {
  const files = compared.flatMap(({ cluster, namespace, git }) =>
    git.kind === 'unknown' ? [{ cluster, namespace, problem: git.problem }] : [],
  );
  return uniqueUnread(files);
}

/** A cluster, and how much of it was compared. */
export function driftOf(
  { namespaces: _, requests: __, ...identity }: LiveCluster,
  compared: readonly ComparedBinding[],
): ClusterDrift {
  const known = compared.filter(
    (it) => it.cluster === identity.cluster && [it.athenz, it.git, it.live].every((side) => side.kind !== 'unknown'),
  );
  const namespaces = new Set(known.map(({ namespace }) => namespace)).size;
  return { ...identity, namespaces, bindings: known.length, inSync: known.filter((it) => !isDrifted(it)).length };
}

/** By precedence: something could not be read, something differs, nothing does. */
export function exitCodeOfDrift(
  bindings: DriftResult['bindings'],
  unread: DriftResult['unread'],
  probe: ProbeResult | undefined,
): number {
  if (unread.length > 0) return exitCode.partial;
  const differs = bindings.length > 0 || (probe?.disagreements.length ?? 0) > 0;
  return differs ? exitCode.differences : exitCode.done;
}

/** Each once: one reason may keep many roles of a namespace from being known. */
export function uniqueUnread(all: readonly Unread[]): readonly Unread[] {
  return [...new Map(all.map((it) => [`${it.cluster}\0${it.namespace}\0${it.problem.message}`, it])).values()];
}
