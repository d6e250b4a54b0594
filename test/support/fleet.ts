import type { Plan } from '../../src/core/plan.ts';
import type { ModuleChange } from '../../src/generators/fleet/change.ts';
import { fleetSchema } from '../../src/generators/fleet/config.ts';
import { fleet } from '../../src/generators/fleet/generator.ts';
import { planOne, type Texts } from './plan-one.ts';

/** What a fleet is made from. */
export interface FleetWorld {
  /** `inputs/fleet/`, and what is rendered already. */
  readonly files: Texts;
  /** Below `fleet`. */
  readonly config?: object;
  /** Of the config. */
  readonly clusters?: readonly string[];
  readonly filtered?: boolean;
  readonly shuffle?: <T>(list: readonly T[]) => readonly T[];
}

/** A plan of a fleet, and the repository once it is merged. */
export interface PlannedFleet {
  readonly plan: Plan<ModuleChange>;
  readonly merged: Texts;
  /** `cluster/module` of the modules in it, sorted. */
  readonly modules: readonly string[];
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  readonly skipped: readonly string[];
  /** The text of a module on a cluster. */
  textOf(pair: string): string;
}

export async function planFleet(world: FleetWorld): Promise<PlannedFleet> {
  const { files, clusters = ['hub'], shuffle = (list) => list } = world;
  const config = fleetSchema.parse(world.config ?? {});
  const { plan, merged } = await planOne(fleet, {
    ...{ config, files, clusters, shuffle },
    filtered: world.filtered,
    inventory: clusters.map((cluster) => ({ cluster, namespaces: [], excluded: [], problems: [] })),
    openCluster: () => Promise.reject(new Error('a fleet opens no cluster')),
  });
  const pairs = new Map<string, string>(
    Object.keys(merged).flatMap((path) => {
      const [, cluster, module] = /^fleet\/[0-9a-f]{2}\/([^/]+)\/([^/]+)\.yaml$/.exec(path) ?? [];
      return module === undefined || module === 'athenz-gitops-fleet' ? [] : [[`${cluster}/${module}`, path] as const];
    }),
  );
  return {
    plan,
    merged,
    modules: [...pairs.keys()].sort(),
    codes: plan.held.map(({ code }) => code),
    messages: plan.held.map(({ message }) => message),
    skipped: (plan.notes['skipped'] ?? []).map((it) => (it as unknown as { readonly reason: string }).reason),
    textOf: (pair) => merged[pairs.get(pair) ?? ''] ?? '',
  };
}

/** A file with a cluster of the fleet. */
export function clusterFile(name: string, modules: readonly (string | object)[], more: object = {}): string {
  return JSON.stringify({ name, modules, ...more });
}

/** A file with a module that has a chart. */
export function moduleFile(name: string, channels: object = { regular: '2.0.3' }, more: object = {}): string {
  return JSON.stringify({ name, chart: { repository: 'https://charts.example.com', name }, channels, ...more });
}

/** Paths of inputs, by what is in them. */
export const at = {
  cluster: (name: string) => `inputs/fleet/clusters/${name}.yaml`,
  module: (name: string) => `inputs/fleet/modules/${name}.yaml`,
  set: (name: string) => `inputs/fleet/sets/${name}.yaml`,
};

/** The modules of the Kyma operator's example, three of them with a namespace. */
export const seedModules: readonly { readonly name: string; readonly namespace?: string }[] = [
  { name: 'istio', namespace: 'istio-system' },
  { name: 'cluster-essentials' },
  { name: 'certificates', namespace: 'istio-system' },
  ...['istio-resources', 'logging', 'tracing', 'kiali', 'monitoring', 'eventing', 'ory', 'api-gateway'].map((name) => ({
    name,
  })),
  ...['service-catalog', 'service-catalog-addons', 'rafter', 'helm-broker', 'cluster-users', 'serverless'].map(
    (name) => ({ name }),
  ),
  { name: 'application-connector', namespace: 'kyma-integration' },
];

/** A Kyma of the operator, or of the lifecycle manager. */
export function kyma(name: string, spec: object, metadata: object = {}): string {
  const apiVersion = 'components' in spec ? 'inventory.kyma-project.io/v1alpha1' : 'operator.kyma-project.io/v1beta2';
  return JSON.stringify({ apiVersion, kind: 'Kyma', metadata: { name, namespace: 'default', ...metadata }, spec });
}
