import { domainOf, parentOf, type Stamps } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { suggest } from './issues.ts';
import type { Config } from './types.ts';

/** A cluster of which not one namespace has its domain. */
export interface Domainless {
  readonly cluster: string;
  /** Whether the domain above them is there: then they can be provisioned. */
  readonly parent: boolean;
  readonly problem: Problem;
}

/**
 * Finds clusters none of whose namespaces has its domain: one wrong template is one cause, whatever it leads to.
 *
 * @param listed every domain of the server
 */
export function findDomainless(
  { clusters }: Pick<Config, 'clusters'>,
  inventory: readonly ClusterInventory[],
  listed: Stamps,
): readonly Domainless[] {
  return clusters.flatMap((cluster): Domainless[] => {
    const namespaces = inventory.find((it) => it.cluster === cluster.name)?.namespaces ?? [];
    // Most clusters have the domain of their first namespace.
    if (namespaces.some(({ name }) => listed.has(domainOf(cluster, name)))) return [];
    const domains = namespaces.map(({ name }) => domainOf(cluster, name));
    const [first] = domains;
    if (first === undefined) return [];
    const parent = domains.map(parentOf).find((it) => it !== undefined && listed.has(it));
    const problem = problemOf(cluster, domains, first, parent, listed);
    return [{ cluster: cluster.name, parent: parent !== undefined, problem }];
  });
}

function problemOf(
  { name, domain }: Config['clusters'][number],
  domains: readonly string[],
  first: string,
  parent: string | undefined,
  listed: Stamps,
): Problem {
  const message = `none of the domains of cluster ${name} exists (${domains.length} of ${domain})`;
  const above = parentOf(domain) ?? '';
  if (parent !== undefined) {
    return {
      code: 'ZMS_NOT_FOUND',
      message: `${message}; ${domains.every((it) => parentOf(it) === parent) ? `their parent ${parent} does` : `${parent}, the parent of some, does`}`,
      next: 'create them with provision --apply, or correct clusters[].domain',
    };
  }
  let nearest = parentOf(first);
  while (nearest !== undefined && !listed.has(nearest)) nearest = parentOf(nearest);
  const there = nearest === undefined ? 'none above it exists either' : `the nearest that exists is ${nearest}`;
  const siblings = [...listed.keys()].filter((it) => parentOf(it) === nearest);
  return {
    code: 'PROVISION_PARENT_MISSING',
    message: `${message}: there is no domain ${above === '' ? 'above them' : above}; ${there}`,
    next: `correct clusters[].domain${above === '' ? '' : meant(above, siblings)}, or ask the Athenz administrators to create it`,
  };
}

/** Only a similar name: a list of all domains is no help, and a few letters resemble everything. */
function meant(parent: string, siblings: readonly string[]): string {
  if (parent.length < 4) return '';
  const suggestion = suggest(parent, siblings);
  return suggestion.includes('did you mean') ? suggestion : '';
}
