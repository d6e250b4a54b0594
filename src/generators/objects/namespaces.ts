import type { ClusterInventory, NamespaceEntry } from '../../model/inventory.ts';

/** The namespaces of a cluster, as the objects of generators see them. */
export interface Namespaces {
  /** Those of the inventory, without the excluded ones, in their order. */
  readonly all: readonly NamespaceEntry[];
  /** Whether one exists; `unknown`: the inventory is not complete, and does not have it. */
  state(name: string): 'active' | 'terminating' | 'absent' | 'unknown';
}

/** Every cluster has them (kubernetes.io/docs/concepts/overview/working-with-objects/namespaces, "Initial namespaces"). */
const initial: ReadonlySet<string> = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system']);

export function namespacesOf({ namespaces, excluded, problems }: ClusterInventory): Namespaces {
  const active = new Set([
    ...initial,
    ...namespaces.map(({ name }) => name),
    ...excluded.filter(({ by }) => by !== 'deletion').map(({ name }) => name),
  ]);
  const terminating = new Set(excluded.filter(({ by }) => by === 'deletion').map(({ name }) => name));
  return {
    all: namespaces,
    state: (name) => {
      if (terminating.has(name)) return 'terminating';
      if (active.has(name)) return 'active';
      return problems.length > 0 ? 'unknown' : 'absent';
    },
  };
}
