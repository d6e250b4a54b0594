import type { Config } from '../../config/types.ts';
import type { UnitId } from '../../core/unit.ts';
import { domainOf } from '../../model/domain.ts';
import { type ClusterInventory, namespacesIn } from '../../model/inventory.ts';

/** Which namespaces a domain gives access to. */
export interface Places {
  /** Every domain of a namespace once. */
  domains(): Iterable<string>;
  /** The namespaces of a domain: one in each cluster at most that maps it. */
  at(domain: string): readonly { readonly cluster: string; readonly namespace: string }[];
  /** The roles of a domain that those namespaces have configured. */
  rolesAt(domain: string): ReadonlySet<string>;
  /** The domain of a namespace; empty for a cluster that is not configured. */
  domainIn(unit: UnitId): string;
}

export function findPlaces({ clusters }: Pick<Config, 'clusters'>, inventory: readonly ClusterInventory[]): Places {
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const rolesIn = new Map(clusters.map(({ name, roles }) => [name, new Set(roles.map((it) => it.athenzRole))]));
  const domainIn = ({ cluster, namespace = '' }: UnitId) => {
    const configured = byName.get(cluster);
    return configured === undefined ? '' : domainOf(configured, namespace);
  };
  const places = Map.groupBy(namespacesIn(inventory), domainIn);
  places.delete('');
  const at: Places['at'] = (domain) => places.get(domain) ?? [];
  return {
    domains: () => places.keys(),
    at,
    domainIn,
    rolesAt(domain) {
      const own = at(domain).map(({ cluster }) => rolesIn.get(cluster) ?? new Set<string>());
      const [first = new Set<string>(), ...others] = new Set(own);
      return others.reduce((all, roles) => all.union(roles), first);
    },
  };
}
