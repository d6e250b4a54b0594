import { compareText } from '../model/text.ts';
import type { Kept } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import { type Evidence, latestProofs, type Proof } from './evidence.ts';
import { type UnitId, unitKey } from './unit.ts';

/** What proofs are weighed by. */
export interface ProofInput {
  readonly at: string;
  readonly evidence: Evidence;
  /** What the inventory of each cluster could not tell. */
  readonly incomplete: readonly Kept[];
  /** Whether a unit is desired, and the keys of proofs about what the sources have again. */
  readonly sources: { isDesired(unit: UnitId): boolean; readonly restored: ReadonlySet<string> };
}

/**
 * What later runs have to know: the proofs of this run, and those of earlier ones as long as the base has what they speak of and
 * the sources do not. A proof is renewed once the base has moved, as it may have been added again there.
 *
 * @param clusters as decided, before limits apply
 */
export function proofsToKeep(input: ProofInput, clusters: readonly ClusterDecisions[]): readonly Proof[] {
  const { proofs, baseAt } = input.evidence;
  const isAlive = aliveIn(input, clusters);
  const kept = new Map([...latestProofs(proofs)].filter(([, proof]) => isAlive(proof)));
  const current = clusters.flatMap(({ decisions }) => decisions.flatMap((it) => it.proofs?.(input.at) ?? []));
  for (const proof of current) {
    const known = kept.get(proof.key);
    if (known?.said !== proof.said || (baseAt !== undefined && Date.parse(known.polled) <= Date.parse(baseAt)))
      kept.set(proof.key, proof);
  }
  return [...kept].sort(([a], [b]) => compareText(a, b)).map(([, proof]) => proof);
}

/** Whether a proof may still be needed: the tree has what it is about, or the sources could not be read. */
function aliveIn(
  { sources, incomplete }: ProofInput,
  clusters: readonly ClusterDecisions[],
): (proof: Proof) => boolean {
  const decided = new Map(clusters.flatMap(({ decisions }) => decisions.map((it) => [unitKey(it.unit), it] as const)));
  const unsure = new Set(incomplete.map(({ cluster }) => cluster));
  return (proof) => {
    if (sources.restored.has(proof.key)) return false;
    const decision = decided.get(unitKey(proof));
    if (decision !== undefined) return decision.held !== undefined || decision.has?.(proof.key) === true;
    // Without a decision the unit is in the base as desired, or it is not there, or its cluster was not read.
    return !sources.isDesired(proof) && unsure.has(proof.cluster);
  };
}
