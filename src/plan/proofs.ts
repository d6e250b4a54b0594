import { compareText, type RoleAccess, subjectKey } from '../model/grant.ts';
import { grantKey, isProvenReason, latestProofs, type Proof } from '../model/proof.ts';
import type { Evidence } from './evidence.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { ClusterDecisions } from './namespaces.ts';
import type { PlanInput } from './plan.ts';

/**
 * What later runs have to know: the proofs of this run, and those of earlier ones as long as the base grants what they speak
 * of and Athenz does not. A proof is renewed once the base has moved, as it may have been granted again there.
 *
 * @param clusters as decided, before any limit was asked
 */
export function proofsToKeep(
  input: PlanInput,
  clusters: readonly ClusterDecisions[],
  { proofs, baseAt }: Evidence,
): readonly Proof[] {
  const isAlive = aliveIn(input, clusters);
  const kept = new Map([...latestProofs(proofs)].filter(([, proof]) => isAlive(proof)));
  for (const proof of currentProofs(clusters, input.at.toISOString())) {
    const key = grantKey(proof);
    const known = kept.get(key);
    const same = known?.reason === proof.reason && known.detail === proof.detail;
    if (!same || (baseAt !== undefined && Date.parse(known.polled) <= Date.parse(baseAt))) kept.set(key, proof);
  }
  return [...kept].sort(([a], [b]) => compareText(a, b)).map(([, proof]) => proof);
}

/** What Athenz says itself, in this poll. */
function currentProofs(clusters: readonly ClusterDecisions[], polled: string): readonly Proof[] {
  return clusters.flatMap(({ decisions }) =>
    decisions.flatMap(({ roles }) =>
      roles.flatMap(({ losses }) =>
        losses.flatMap(({ cluster, namespace, role, subject, reason, detail, seen }): readonly Proof[] => {
          if (!isProvenReason(reason) || seen !== undefined) return [];
          return [{ cluster, namespace, role, subject, reason, ...(detail === undefined ? {} : { detail }), polled }];
        }),
      ),
    ),
  );
}

/** Whether there is something left to prove, or nobody can tell. */
function aliveIn({ access, inventory }: PlanInput, clusters: readonly ClusterDecisions[]): (proof: Proof) => boolean {
  const decided = new Map<string, NamespaceDecision>(
    clusters.flatMap(({ decisions }) => decisions.map((it) => [`${it.cluster}/${it.namespace}`, it] as const)),
  );
  const asked = new Map<string, RoleAccess>(
    access.map((it) => [`${it.cluster}/${it.namespace}/${it.role}`, it] as const),
  );
  const namespaces = new Set<string>(access.map(({ cluster, namespace }) => `${cluster}/${namespace}`));
  const unsure = new Set(inventory.filter((it) => it.problems.length > 0).map((it) => it.cluster));
  return ({ cluster, namespace, role, subject }) => {
    const place = `${cluster}/${namespace}`;
    const key = subjectKey(subject);
    const outcome = asked.get(`${place}/${role}`)?.outcome;
    if (outcome?.kind === 'value' && outcome.grants.some((grant) => subjectKey(grant.subject) === key)) return false;
    const decision = decided.get(place);
    if (decision?.held !== undefined) return true;
    if (decision !== undefined) {
      const before = decision.roles.find((it) => it.role === role)?.before;
      return before?.subjects.some((it) => subjectKey(it) === key) === true;
    }
    // Without a decision the namespace is in the base as Athenz has it, or it is not there, or nobody has looked.
    return !namespaces.has(place) && unsure.has(cluster);
  };
}
