import { compareText } from '../model/text.ts';
import { blobId } from '../model/tree.ts';
import type { Limits } from './budget.ts';
import type { Accepted, Change, FileChange, Held, Kept, Notes } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';
import type { Decision, Settled, Text } from './decision.ts';
import type { Evidence } from './evidence.ts';
import type { Kustomization } from './kustomization.ts';
import { askLimits } from './limits.ts';
import { addNotes } from './notes.ts';
import type { ClusterTotals, Plan } from './plan.ts';
import { type ProofInput, proofsToKeep } from './proofs.ts';
import { findStale } from './stale.ts';
import type { Territory } from './territory.ts';
import { type BlobIds, formerId, hasText } from './tree-index.ts';
import { compareUnits, type UnitId, unitKey } from './unit.ts';
import type { Walked } from './walk.ts';

export interface PlanInput<D> extends ProofInput {
  readonly generator: string;
  readonly walked: Walked<D>;
  readonly limits: Limits<D>;
  readonly accepted: Accepted;
  readonly ids: BlobIds;
  readonly territory: Territory;
  /** Those in and above the owned folders. */
  readonly kustomizations: readonly Kustomization[];
  /** Whether a path is on another branch than the kustomizations; default: none is. */
  elsewhere?(path: string): boolean;
  /** What is wrong with the input of the generator, what could not be read of it, and remarks on it. */
  readonly input?: { readonly held?: readonly Held<D>[]; readonly kept?: readonly Kept[]; readonly notes?: Notes };
  /** The order of changes in reports; default: by unit, then id. */
  compare?(a: Change<D>, b: Change<D>): number;
}

/**
 * Applies evidence and limits to what is decided. Pure, and the same for any order of its input.
 *
 * @returns every change, and everything that is left as it is, with the reason
 */
export function conclude<D>(input: PlanInput<D>): Plan<D> {
  const { walked, evidence, limits, accepted } = input;
  const clusters = weigh(walked.clusters, evidence);
  // An approval is of one generator: another one may have a change of the same id.
  const approvalOf = ({ effect, id }: Change<D>) => [input.generator, effect, id];
  const limited = askLimits({ approvalOf, ...limits }, clusters, accepted);
  const heldIn = Map.groupBy(limited.held, ({ cluster }) => cluster);
  const held: Held<D>[] = [...(input.input?.held ?? []), ...walked.held];
  const kept: Kept[] = [...input.incomplete, ...(input.input?.kept ?? [])];
  const changes: Change<D>[] = [];
  const files: FileChange[] = [];
  const notes: Record<string, UnitId[]> = {};
  const totals: ClusterTotals[] = [];

  for (const { cluster, decisions, units, unchangedWeight, weightBefore } of clusters) {
    held.push(...(heldIn.get(cluster) ?? []));
    let after = unchangedWeight;
    for (const decision of decisions) {
      kept.push(...decision.kept);
      const settled: Settled<D> =
        decision.held === undefined ? decision.settle(limited.heldIds) : { kind: 'stuck', held: [decision.held] };
      if (settled.kind === 'stuck') {
        held.push(...settled.held);
        after += decision.weight;
        continue;
      }
      after += settled.weight;
      changes.push(...settled.changes);
      files.push(...fileChanges(input, decision.unit, settled.files));
      addNotes(notes, settled.notes);
    }
    totals.push({ cluster, units, before: weightBefore, after });
  }
  files.sort((a, b) => compareText(a.path, b.path));
  return {
    generator: input.generator,
    at: input.at,
    ...(walked.expires === undefined ? {} : { nextExpiry: new Date(walked.expires).toISOString() }),
    files,
    changes: changes.sort(input.compare ?? byUnitAndId),
    kept,
    held,
    notes: { ...together(input.input?.notes, sortNotes(walked.notes)), ...notes },
    totals,
    approved: limited.approved,
    staleKustomizations: staleKustomizations(input, files),
    unmatched: limited.unmatched,
    proofs: proofsToKeep(input, clusters),
    ...limited.digests,
  };
}

function byUnitAndId(a: Change, b: Change): number {
  return compareUnits(a, b) || compareText(a.id, b.id);
}

/** Remarks on the input and on units: one name may stand for both. */
function together(input: Notes | undefined, units: Notes): Notes {
  const all: Record<string, UnitId[]> = {};
  addNotes(all, input);
  addNotes(all, units);
  return all;
}

/** By unit, so that the order in which units came does not show. */
function sortNotes(notes: Notes): Notes {
  return Object.fromEntries(Object.entries(notes).map(([name, list]) => [name, [...list].sort(compareUnits)]));
}

/** The decisions with what the evidence says of their removals. */
function weigh<D>(clusters: readonly ClusterDecisions<D>[], evidence: Evidence): readonly ClusterDecisions<D>[] {
  if (evidence.proofs.length + evidence.origins.size === 0) return clusters;
  const proofs = Map.groupBy(evidence.proofs, unitKey);
  const weighed = (decision: Decision<D>) => {
    const told = decision.withEvidence?.({ ...evidence, proofs: proofs.get(unitKey(decision.unit)) ?? [] });
    if (told === undefined) return decision;
    return decision.held === undefined ? told : { ...told, held: decision.held };
  };
  return clusters.map((it) => ({ ...it, decisions: it.decisions.map(weighed) }));
}

/** What a unit changes in files: each is compared by git's id, and only what differs is given. */
function fileChanges<D>(
  { walked: { index }, ids }: PlanInput<D>,
  unit: UnitId,
  files: Extract<Settled<D>, { kind: 'changed' }>['files'],
): readonly FileChange[] {
  return [...files].flatMap(([path, desired]): readonly FileChange[] => {
    const now = index.at(path);
    const before = now === undefined ? {} : { before: now.oid };
    if (desired === undefined) return now === undefined ? [] : [{ path, ...unit, ...before }];
    const after = textOf(desired, ids);
    return now !== undefined && hasText(now, after, ids) ? [] : [{ path, ...unit, ...before, after }];
  });
}

/** A text with its ids. It stays what the generator gave, which may make it only when it is written. */
function textOf(desired: Text, ids: BlobIds): NonNullable<FileChange['after']> {
  const { oid = blobId(desired.text, ids.format) } = desired;
  return {
    oid,
    get formerOid() {
      return formerId(desired, oid, ids);
    },
    get text() {
      return desired.text;
    },
  };
}

/** Held against the tree as it is once everything is merged. */
function staleKustomizations<D>(
  { walked: { index, claims }, kustomizations, territory, elsewhere = () => false }: PlanInput<D>,
  changed: readonly FileChange[],
): Plan['staleKustomizations'] {
  if (kustomizations.length === 0) return [];
  const paths = new Set(index.where(() => true).map(({ path }) => path));
  for (const { path, after } of changed) {
    if (after === undefined) paths.delete(path);
    else paths.add(path);
  }
  for (const path of paths) if (elsewhere(path)) paths.delete(path);
  const rendered = [...claims.paths()].filter((path) => paths.has(path));
  return findStale({ kustomizations, paths, rendered, clusterAt: territory.clusterAt });
}
