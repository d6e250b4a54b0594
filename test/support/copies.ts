import type { ClusterReader } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { CopyChange } from '../../src/generators/copies/change.ts';
import { type CopiesConfig, copiesSchema } from '../../src/generators/copies/config.ts';
import { copies } from '../../src/generators/copies/generator.ts';
import type { Problem } from '../../src/model/error.ts';
import type { ClusterInventory, NamespaceEntry } from '../../src/model/inventory.ts';
import { planOne, type Texts } from './plan-one.ts';

/** What copies are made from. */
export interface CopiesWorld {
  /** In place of the files that the config names: `inputs/copies/` and `sources/`, and what is rendered already. */
  readonly files: Texts;
  /** Of the cluster prod. */
  readonly namespaces?: readonly (string | Omit<NamespaceEntry, 'source'>)[];
  readonly terminating?: readonly string[];
  readonly excluded?: readonly string[];
  /** The inventory is incomplete. */
  readonly problems?: readonly Problem[];
  /** Below `copies`. */
  readonly config?: object;
  readonly clusters?: readonly string[];
  /** They are only part of those of the config. */
  readonly filtered?: boolean;
  readonly live?: Partial<ClusterReader>;
  readonly shuffle?: <T>(list: readonly T[]) => readonly T[];
}

/** A plan of copies, and the repository once it is merged. */
export interface PlannedCopies {
  readonly plan: Plan<CopyChange>;
  readonly merged: Texts;
  /** Paths of copies in it, without the markers. */
  readonly copies: readonly string[];
  readonly codes: readonly string[];
}

export async function planCopies(world: CopiesWorld): Promise<PlannedCopies> {
  const { files, clusters = ['prod'], shuffle = (list) => list } = world;
  const config: CopiesConfig = copiesSchema.parse(world.config ?? {});
  const inventory = clusters.map((cluster) => inventoryOf(cluster, world, shuffle));
  const reader: ClusterReader = { list: async () => [], requests: 0, close: async () => {}, ...world.live };
  const { plan, merged } = await planOne(copies, {
    ...{ config, files, clusters, inventory, shuffle },
    filtered: world.filtered,
    openCluster: async () => reader,
  });
  return {
    plan,
    merged,
    copies: Object.keys(merged)
      .filter((path) => path.startsWith('copies/') && !path.endsWith('/athenz-gitops-copies.yaml'))
      .sort(),
    codes: [...plan.held, ...plan.kept.map(({ problem }) => problem)].map(({ code }) => code),
  };
}

function inventoryOf(
  cluster: string,
  { namespaces = ['a', 'b'], terminating = [], excluded = [], problems = [] }: CopiesWorld,
  shuffle: <T>(list: readonly T[]) => readonly T[],
): ClusterInventory {
  const entries = namespaces.map((it) => ({
    source: 'namespaces.yaml',
    ...(typeof it === 'string' ? { name: it } : it),
  }));
  return {
    cluster,
    namespaces: shuffle(entries),
    excluded: [
      ...terminating.map((name) => ({ name, by: 'deletion' as const })),
      ...excluded.map((name) => ({ name, by: 'config' as const })),
    ],
    problems,
  };
}

/** An ObjectSync, as a file. */
export function syncFile(name: string, source: object, destinations: readonly object[], more: object = {}): string {
  const metadata = { name: name.split('/')[1] ?? name, namespace: name.includes('/') ? name.split('/')[0] : 'default' };
  const spec = { source, destinations, ...more };
  return JSON.stringify({ apiVersion: 'sync.rustrial.org/v1alpha1', kind: 'ObjectSync', metadata, spec });
}

/** A ConfigMap, as a file. */
export function configMap(name: string, namespace = 'default', data: object = { key: 'value' }): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
}
