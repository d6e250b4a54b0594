import type {
  Accepted,
  AccessChange,
  ClusterTotals,
  EmptiedRole,
  FileChange,
  Held,
  Kept,
  Plan,
  SkippedNamespaces,
} from '../model/change.ts';
import { compareText, type RoleAccess } from '../model/grant.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { TreeFile } from '../model/tree.ts';
import { accessChanges } from './access-changes.ts';
import type { PlanContext } from './context.ts';
import type { CurrentFile } from './current.ts';
import type { Draft } from './draft.ts';
import { type Evidence, noEvidence, weigh } from './evidence.ts';
import { fileChanges, isRenderable } from './files.ts';
import type { Kustomization } from './kustomization.ts';
import { askLimits } from './limits.ts';
import { droppedMembers, expiringGrants, skippedMembers } from './members.ts';
import { countGrants, type NamespaceDecision } from './namespace.ts';
import { type Decisions, decideNamespaces } from './namespaces.ts';
import { compareChanges, comparePlaces } from './order.ts';
import { proofsToKeep } from './proofs.ts';
import { findStale } from './stale.ts';

export interface PlanInput {
  readonly context: PlanContext;
  readonly inventory: readonly ClusterInventory[];
  readonly access: readonly RoleAccess[];
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Everything at or below `layout.prefix`, and what kustomizations there are above it. */
  readonly files: readonly TreeFile[];
  /** Of those, what `filesToRead` chose, read. */
  readonly current: readonly CurrentFile[];
  /** Those in and above the output folders. */
  readonly kustomizations: readonly Kustomization[];
  readonly at: Date;
  readonly accepted: Accepted;
}

/** What is decided by Athenz and the tree alone, before evidence and limits. */
export interface Undecided {
  readonly files: ReadonlyMap<string, TreeFile>;
  readonly decisions: Decisions;
}

/** Decides every namespace, as far as Athenz and the tree go. */
export function decide(input: PlanInput): Undecided {
  const files = new Map(input.files.map((file) => [file.path, file]));
  return { files, decisions: decideNamespaces(input, files) };
}

/** Decides and concludes at once. */
export function planChanges(input: PlanInput, evidence: Evidence = noEvidence): Plan {
  return conclude(input, decide(input), evidence);
}

/**
 * Compares the desired with the actual state. Pure, and the same for any order of its input.
 *
 * @param evidence of those in `doubtsOf`
 * @returns every change, and everything that is left as it is, with the reason
 */
export function conclude(input: PlanInput, { files, decisions: decided }: Undecided, evidence: Evidence): Plan {
  const { context, inventory, at } = input;
  const weighed = weigh(decided.clusters, evidence);
  const limited = askLimits(context.config.limits, weighed, input.accepted);
  const heldIn = Map.groupBy(limited.held, (held) => held.cluster);
  const access = [...input.access].sort(comparePlaces);
  const held: Held[] = [...decided.held];
  const kept: Kept[] = inventoryProblems(inventory);
  const changes: AccessChange[] = [];
  const changedFiles: FileChange[] = [];
  const emptied: EmptiedRole[] = [];
  const totals: ClusterTotals[] = [];

  for (const { cluster, decisions, unchangedGrants, grantsBefore } of limited.clusters) {
    held.push(...(heldIn.get(cluster) ?? []));
    let grantsAfter = unchangedGrants;
    for (const decision of decisions) {
      kept.push(...decision.kept);
      const unwritable = decision.held === undefined && !isRenderable(context, decision);
      held.push(...(decision.held === undefined ? [] : [decision.held]), ...(unwritable ? heldAlong(decision) : []));
      const stays = decision.held !== undefined || unwritable;
      grantsAfter += countGrants(decision, stays ? 'before' : 'after');
      if (stays) continue;
      changes.push(...accessChanges(decision));
      emptied.push(...emptiedRoles(decision));
      changedFiles.push(...fileChanges(context, decision, files));
    }
    const namespaces = inventory.find((it) => it.cluster === cluster)?.namespaces.length ?? 0;
    totals.push({ cluster, namespaces, grantsBefore, grantsAfter });
  }
  return {
    at: at.toISOString(),
    files: changedFiles.sort((a, b) => compareText(a.path, b.path)),
    changes: changes.sort(compareChanges),
    kept,
    held,
    dropped: droppedMembers(access),
    skippedMembers: skippedMembers(access),
    skippedNamespaces: skippedNamespaces(inventory),
    expiring: expiringGrants(access, at),
    totals,
    letThrough: limited.letThrough,
    staleKustomizations: staleKustomizations(input, changedFiles),
    emptied,
    unmatched: limited.unmatched,
    proofs: proofsToKeep(input, weighed, evidence),
    ...limited.digests,
  };
}

function skippedNamespaces(inventory: readonly ClusterInventory[]): readonly SkippedNamespaces[] {
  return inventory
    .filter(({ excluded, excludedFiles = [] }) => excluded.length + excludedFiles.length > 0)
    .map(({ cluster, excluded, excludedFiles = [] }) => ({
      cluster,
      namespaces: excluded.map(({ name }) => name),
      files: excludedFiles,
    }))
    .sort((a, b) => compareText(a.cluster, b.cluster));
}

/** One that goes with its config or its namespace is not left at all. */
function emptiedRoles({ cluster, namespace, roles }: NamespaceDecision): readonly EmptiedRole[] {
  return roles.flatMap(({ role, before, after }) => {
    const left = (before?.subjects.length ?? 0) > 0 && after?.subjects.length === 0;
    return left ? [{ cluster, namespace, role }] : [];
  });
}

/** What a namespace cannot get because a role that left the config is held in it and cannot be written under other names. */
function heldAlong({ cluster, namespace, roles }: NamespaceDecision): readonly Held[] {
  const losses = roles.flatMap((role) => role.losses);
  const gains = roles.flatMap((role) => role.gains);
  if (losses.length + gains.length === 0) return [];
  return [
    {
      cluster,
      namespace,
      code: 'LIMIT_REMOVED_GRANTS',
      message: `${namespace} has a held role that left the config and cannot be written with the new names`,
      next: 'approve the held removals; the other changes of the namespace follow',
      losses,
      ...(gains.length === 0 ? {} : { gains }),
    },
  ];
}

function inventoryProblems(inventory: readonly ClusterInventory[]): Kept[] {
  const sorted = [...inventory].sort((a, b) => compareText(a.cluster, b.cluster));
  return sorted.flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem })));
}

/** Held against the tree as it is once everything is merged. */
function staleKustomizations(
  { context, drafts, files, kustomizations }: PlanInput,
  changed: readonly FileChange[],
): Plan['staleKustomizations'] {
  if (kustomizations.length === 0) return [];
  const paths = new Set(files.map(({ path }) => path));
  for (const { path, after } of changed) {
    if (after === undefined) paths.delete(path);
    else paths.add(path);
  }
  const rendered = [...drafts.keys()].filter((path) => paths.has(path));
  return findStale({ kustomizations, paths, rendered, clusterAt: context.clusterAt });
}
