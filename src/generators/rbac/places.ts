import type { Config } from '../../config/types.ts';
import type { UnitId } from '../../core/unit.ts';
import { domainOf, namespaceOf } from '../../model/domain.ts';
import { type ClusterInventory, findNamespace } from '../../model/inventory.ts';
import type { Names } from './source.ts';

/** Which namespaces a domain gives access to. Nothing is kept of each: a domain and its namespaces follow from one another. */
export interface Places {
  /** The domain of every namespace, also where another one has the same. */
  readonly domains: Names;
  /** The namespaces of a domain: one in each cluster at most that maps it. */
  at(domain: string): readonly Place[];
  /** The roles of a domain that those namespaces have configured. */
  rolesAt(domain: string): ReadonlySet<string>;
  /** The domain of a namespace; empty for a cluster that is not configured. */
  domainIn(unit: UnitId): string;
}

interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

export function findPlaces({ clusters }: Pick<Config, 'clusters'>, inventory: readonly ClusterInventory[]): Places {
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const rolesIn = new Map(clusters.map(({ name, roles }) => [name, new Set(roles.map((it) => it.athenzRole))]));
  const mapped = inventory.flatMap((it) => {
    const cluster = byName.get(it.cluster);
    return cluster === undefined ? [] : [{ ...it, domain: cluster.domain }];
  });
  const at: Places['at'] = (domain) => {
    const places: Place[] = [];
    for (const it of mapped) {
      const namespace = namespaceOf(it, domain);
      const found = namespace === undefined ? undefined : findNamespace(it, namespace);
      if (found !== undefined) places.push({ cluster: it.cluster, namespace: found.name });
    }
    return places;
  };
  return {
    domains: {
      length: mapped.reduce((sum, { namespaces }) => sum + namespaces.length, 0),
      at(number) {
        let left = number;
        for (const it of mapped) {
          const found = it.namespaces[left];
          if (found !== undefined) return domainOf(it, found.name);
          left -= it.namespaces.length;
        }
        return '';
      },
    },
    at,
    domainIn({ cluster, namespace = '' }) {
      const configured = byName.get(cluster);
      return configured === undefined ? '' : domainOf(configured, namespace);
    },
    rolesAt(domain) {
      const own = at(domain).map(({ cluster }) => rolesIn.get(cluster) ?? new Set<string>());
      const [first = new Set<string>(), ...others] = new Set(own);
      return others.reduce((all, roles) => all.union(roles), first);
    },
  };
}
