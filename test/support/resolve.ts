import type { MembersConfig } from '../../src/config/types.ts';
import { resolveAccess } from '../../src/generators/rbac/resolve.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import type { UserDomains } from '../../src/model/principal.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';

/** The instant that access is looked at. */
export const at = new Date('2026-06-01T12:00:00.000Z');

/** A cluster's part of the config, and its inventory. */
export interface Cluster {
  /** Domain of a namespace, with `{namespace}`. */
  readonly domain: string;
  readonly namespaces: readonly string[];
  readonly excluded?: readonly string[];
  readonly roles?: readonly string[];
}

interface Options {
  readonly members?: Partial<MembersConfig>;
  readonly userDomain?: UserDomains;
  /** Clusters that have an inventory, in its order; default: all, in the order of the config. */
  readonly inventory?: readonly string[];
}

/** Resolves the roles of clusters, by default `admins`, from the reads of a snapshot. */
export function resolveClusters(
  clusters: Readonly<Record<string, Cluster>>,
  reads: ReadonlyMap<string, DomainRead>,
  options: Options = {},
): readonly RoleAccess[] {
  const snapshot = { takenAt: at.toISOString(), zmsUrl, list: [], domains: reads };
  return resolveAccess({ ...resolverOptions(clusters, options), snapshot, at });
}

const zmsUrl = 'https://zms.example.com/zms/v1';

/** The config and the inventory that roles of clusters are resolved by. */
export function resolverOptions(
  clusters: Readonly<Record<string, Cluster>>,
  { members, userDomain = 'user', inventory = Object.keys(clusters) }: Options = {},
) {
  return {
    config: {
      clusters: Object.entries(clusters).map(([name, { domain, roles = ['admins'] }]) => ({
        name,
        domain,
        namespaces: { files: [], exclude: [] },
        kube: null,
        roles: roles.map((athenzRole) => ({ athenzRole, clusterRole: 'view' })),
      })),
      members: { users: { prefix: '' }, services: 'skip' as const, groups: 'expand' as const, ...members },
      athenz: {
        zmsUrl,
        userDomain,
        certPath: null,
        keyPath: null,
        caPath: null,
        publicKeys: {},
        requestTimeout: 10_000,
        concurrency: 1,
        requestsPerSecond: 'off' as const,
        cache: null,
      },
    },
    inventory: inventory.map((cluster) => ({
      cluster,
      namespaces: [...(clusters[cluster]?.namespaces ?? [])].sort().map((name) => ({ name, source: `${name}.yaml` })),
      excluded: (clusters[cluster]?.excluded ?? []).map((name) => ({ name, by: 'system' as const })),
      problems: [],
    })),
  };
}
