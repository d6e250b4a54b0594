import type { Config, RoleConfig } from '../../config/types.ts';
import type { LossReason } from '../../model/access.ts';
import type { ClusterInventory, Exclusion } from '../../model/inventory.ts';
import type { Layout } from '../../model/layout.ts';
import { unreachable } from '../../model/outcome.ts';
import type { ObjectFormat } from '../../model/tree.ts';
import type { RenderOptions } from './render.ts';

/** What comparing needs besides Athenz and the current tree; the same through a run. */
export interface PlanContext {
  readonly config: Pick<Config, 'clusters' | 'limits' | 'output' | 'names'>;
  readonly layout: Layout;
  readonly render: RenderOptions;
  readonly objectFormat: ObjectFormat;
  /** The config of a role in a cluster; undefined for one that is not configured. */
  roleConfig(cluster: string, role: string): RoleConfig | undefined;
  /** Why a namespace that the tree has is not desired. */
  departure(cluster: string, namespace: string): LossReason;
}

/** Indexes config and inventory once, so that nothing after it searches. */
export function createPlanContext({
  inventory = [],
  ...options
}: Omit<PlanContext, 'roleConfig' | 'departure'> & { readonly inventory?: readonly ClusterInventory[] }): PlanContext {
  const { clusters } = options.config;
  const roles = new Map(
    clusters.map((cluster) => [cluster.name, new Map(cluster.roles.map((role) => [role.athenzRole, role]))]),
  );
  const excluded = new Map(
    inventory.flatMap((it) => it.excluded.map(({ name, by }) => [`${it.cluster}/${name}`, by] as const)),
  );
  return {
    ...options,
    roleConfig: (cluster, role) => roles.get(cluster)?.get(role),
    departure: (cluster, namespace) =>
      roles.has(cluster) ? departureReason(excluded.get(`${cluster}/${namespace}`)) : 'cluster-left',
  };
}

/** The inventory leaves a namespace out, or lacks it. */
function departureReason(excluded: Exclusion | undefined): LossReason {
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
