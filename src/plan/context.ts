import type { Config, RoleConfig } from '../config/types.ts';
import type { Layout } from '../model/layout.ts';
import type { ObjectFormat } from '../model/tree.ts';
import type { RenderOptions } from '../rbac/render.ts';

/** What planning needs besides Athenz and the current tree; the same through a run. */
export interface PlanContext extends OutputPaths {
  readonly config: Pick<Config, 'clusters' | 'limits' | 'output' | 'names'>;
  readonly layout: Layout;
  readonly render: RenderOptions;
  readonly objectFormat: ObjectFormat;
  /** Only part of the configured clusters is in `config`: files of any other are none of this run's business. */
  readonly filtered: boolean;
  /** The config of a role in a cluster; undefined for one that is not configured. */
  roleConfig(cluster: string, role: string): RoleConfig | undefined;
}

export interface OutputPaths {
  /** The cluster whose output folder holds a path; undefined outside of them. */
  clusterAt(path: string): string | undefined;
}

/** Indexes the config once, so that nothing after it searches. */
export function createPlanContext(options: Omit<PlanContext, 'roleConfig' | 'clusterAt'>): PlanContext {
  const { clusters } = options.config;
  const roles = new Map(
    clusters.map((cluster) => [cluster.name, new Map(cluster.roles.map((role) => [role.athenzRole, role]))]),
  );
  return { ...options, ...createPaths(options), roleConfig: (cluster, role) => roles.get(cluster)?.get(role) };
}

/** Tells clusters by their output folders. */
export function createPaths({
  config,
  layout,
}: {
  readonly config: Pick<Config, 'clusters'>;
  readonly layout: Layout;
}): OutputPaths {
  const roots = new Map(config.clusters.map((cluster) => [layout.rootOf(cluster.name), cluster.name]));
  return {
    clusterAt(path) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        const cluster = roots.get(path.slice(0, end));
        if (cluster !== undefined) return cluster;
      }
      return undefined;
    },
  };
}
