import type { ClusterConfig } from '../config/types.ts';
import type { LiveNamespace } from '../model/cluster.ts';
import type { Problem } from '../model/error.ts';
import type { ClusterInventory, ExcludedNamespace } from '../model/inventory.ts';
import { excluder } from './exclude.ts';

/**
 * The namespaces of a cluster whose own list is the source. Those that are being deleted are left out, as excluded ones are.
 * Annotations do not count here: who may edit a Namespace could make themselves administrator of its Athenz domain.
 *
 * @param read the whole list, or why there is none
 */
export function liveInventory(
  { name: cluster, namespaces: { exclude } }: ClusterConfig,
  read: readonly LiveNamespace[] | Problem,
): ClusterInventory {
  if (!isList(read)) return { cluster, namespaces: [], excluded: [], problems: [read] };
  const excludes = excluder(exclude);
  const excluded = read.flatMap(({ name, terminating }): ExcludedNamespace[] => {
    const by = excludes(name) ?? (terminating ? 'deletion' : undefined);
    return by === undefined ? [] : [{ name, by }];
  });
  const left = new Set(excluded.map(({ name }) => name));
  const used = read.filter(({ name }) => !left.has(name));
  const source = `cluster ${cluster}`;
  return {
    cluster,
    namespaces: used
      .map(({ name, labels }) => ({ name, source, ...(labels === undefined ? {} : { labels }) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    excluded: excluded.sort((a, b) => (a.name < b.name ? -1 : 1)),
    // As with a glob that matches no file: it looks as if every namespace had left.
    problems: read.length === 0 ? [noneFound(cluster)] : [],
  };
}

/** The inventory where the cluster is not to be asked. */
export function unaskedInventory({ name: cluster }: ClusterConfig): ClusterInventory {
  const message = `finding the namespaces of cluster ${cluster}: they are read from the cluster, which --offline does not contact`;
  const problem: Problem = { code: 'INVENTORY_UNREADABLE', message, next: 'leave out --offline' };
  return { cluster, namespaces: [], excluded: [], problems: [problem] };
}

function noneFound(cluster: string): Problem {
  return {
    code: 'INVENTORY_NO_MATCH',
    message: `finding the namespaces of cluster ${cluster}: it has none with these labels`,
    next: 'correct clusters[].namespaces.selector',
  };
}

function isList(read: readonly LiveNamespace[] | Problem): read is readonly LiveNamespace[] {
  return Array.isArray(read);
}
