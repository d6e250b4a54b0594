import type { Held, LossReason } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import type { Exclusion } from '../model/inventory.ts';
import { unreachable } from '../model/outcome.ts';
import type { TreeFile } from '../model/tree.ts';
import { isDrafted } from './current.ts';
import { type Draft, subjectsOf } from './draft.ts';
import { countGrants, decideNamespace, type NamespaceDecision } from './namespace.ts';
import type { PlanInput } from './plan.ts';
import { departedRole, rolesIn } from './role.ts';
import { collectUnits, type Unit } from './units.ts';

/** The namespaces of one cluster, decided one by one. */
export interface ClusterDecisions {
  readonly cluster: string;
  /** Sorted by namespace; only those whose files differ. */
  readonly decisions: readonly NamespaceDecision[];
  /** Distinct grants in the files that stay to the byte. */
  readonly unchangedGrants: number;
  /** Distinct grants in the tree as it is. */
  readonly grantsBefore: number;
}

export interface Decisions {
  /** Configured clusters in their order, then those that are only found in the tree. */
  readonly clusters: readonly ClusterDecisions[];
  /** Files that stand in an output folder and belong to no namespace we know of. */
  readonly held: readonly Held[];
}

/** Decides every namespace that is drafted or found in the tree. */
export function decideNamespaces(input: PlanInput, files: ReadonlyMap<string, TreeFile>): Decisions {
  const { units, held } = collectUnits(input, files);
  const decided = new Map<string, NamespaceDecision[]>();
  const unchanged = new Map<string, number>();
  const incomplete = new Set(input.inventory.filter((it) => it.problems.length > 0).map((it) => it.cluster));
  const excluded = new Map(
    input.inventory.flatMap((it) => it.excluded.map(({ name, by }) => [`${it.cluster}/${name}`, by] as const)),
  );
  const configured = new Set(input.context.config.clusters.map((cluster) => cluster.name));
  for (const unit of units) {
    const { cluster, namespace } = unit;
    const same = unit.drafts.filter((draft) => isUnchanged(draft, files));
    const departs = unit.drafts.length === 0;
    if (
      (departs && incomplete.has(cluster)) ||
      (!departs && same.length === unit.drafts.length && unit.current.length === 0)
    ) {
      unchanged.set(cluster, (unchanged.get(cluster) ?? 0) + countUnchanged(unit));
      continue;
    }
    const decision = departs
      ? departure(unit, departureReason(configured.has(cluster), excluded.get(`${cluster}/${namespace}`)))
      : decideNamespace(
          input.context,
          { cluster, namespace },
          unit.drafts,
          unit.current,
          new Set(same.map((draft) => draft.path)),
        );
    const list = decided.get(cluster);
    if (list === undefined) decided.set(cluster, [decision]);
    else list.push(decision);
  }
  const clusters = [...new Set([...configured, ...[...decided.keys()].sort(compareText)])];
  return {
    clusters: clusters.map((cluster): ClusterDecisions => {
      const decisions = decided.get(cluster) ?? [];
      const unchangedGrants = unchanged.get(cluster) ?? 0;
      const grantsBefore = decisions.reduce((sum, it) => sum + countGrants(it, 'before'), unchangedGrants);
      return { cluster, decisions, unchangedGrants, grantsBefore };
    }),
    held,
  };
}

function isUnchanged(draft: Draft, files: ReadonlyMap<string, TreeFile>): boolean {
  const file = files.get(draft.path);
  return file !== undefined && isDrafted(file, draft);
}

function countUnchanged({ drafts, current }: Unit): number {
  const drafted = drafts.flatMap((draft) => draft.roles).reduce((sum, role) => sum + subjectsOf(role).length, 0);
  return drafted + [...rolesIn(current).values()].reduce((sum, role) => sum + role.subjects.length, 0);
}

/** Why a namespace of the tree is not wanted: its cluster left the config, or the inventory leaves it out or lacks it. */
function departureReason(configured: boolean, excluded: Exclusion | undefined): LossReason {
  if (!configured) return 'cluster-left';
  switch (excluded) {
    case undefined:
      return 'namespace-left';
    case 'config':
      return 'namespace-excluded';
    case 'system':
      return 'namespace-system';
    case 'deletion':
      return 'namespace-deleted';
    default:
      return unreachable(excluded);
  }
}

function departure({ cluster, namespace, current }: Unit, reason: LossReason): NamespaceDecision {
  const roles = [...rolesIn(current).values()].map((role) => departedRole({ cluster, namespace }, role, reason));
  return { cluster, namespace, drafts: [], current, roles, kept: [], departed: true };
}
