import type { ClusterConfig, Config } from '../../config/types.ts';
import { domainOf, namespaceOf } from '../../model/domain.ts';
import type { Problem } from '../../model/error.ts';
import type { Dropped, Grant, Path, RoleAccess, RoleOutcome } from '../../model/grant.ts';
import { type ClusterInventory, findNamespace } from '../../model/inventory.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { compareText } from '../../model/text.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { createMembers } from './subject.ts';
import { type MemberWalk, type Rules, type Way, walkRole } from './walk.ts';

export interface ResolveOptions {
  readonly config: Pick<Config, 'clusters' | 'members' | 'athenz'>;
  readonly inventory: readonly ClusterInventory[];
  readonly snapshot: Snapshot;
  /** The instant to resolve for: memberships that end at or before it have ended. */
  readonly at: Date;
}

/** Resolves namespaces one at a time. */
export interface Resolver {
  /**
   * The configured roles of a namespace, in the config's order; none for one that the inventory does not have.
   *
   * @param lookup knows at least what they depend on
   */
  resolve(cluster: string, namespace: string, lookup: Lookup): readonly RoleAccess[];
  /** Whether the inventory has a namespace. */
  has(cluster: string, namespace: string): boolean;
}

/** Pure: the same input gives the same result, whatever is asked for first. */
export function createResolver({ config, inventory, at }: Omit<ResolveOptions, 'snapshot'>): Resolver {
  const clusters = new Map(
    config.clusters.map((cluster) => {
      const found = inventory.find((it) => it.cluster === cluster.name);
      const has = (namespace: string) => found !== undefined && findNamespace(found, namespace) !== undefined;
      const rules = {
        memberOf: createMembers(config.members, config.athenz.userDomain, (domain) => {
          const namespace = namespaceOf(cluster, domain);
          return namespace !== undefined && has(namespace) ? namespace : undefined;
        }),
        unlisted: unlistedIn(cluster, found),
        at: at.getTime(),
      };
      return [cluster.name, { cluster, rules, has }];
    }),
  );
  return {
    has: (cluster, namespace) => clusters.get(cluster)?.has(namespace) === true,
    resolve(name, namespace, lookup) {
      const found = clusters.get(name);
      if (found === undefined || !found.has(namespace)) return [];
      const { cluster } = found;
      const rules: Rules = { ...found.rules, lookup };
      const domain = domainOf(cluster, namespace);
      return cluster.roles.map(({ athenzRole: role }): RoleAccess => {
        return { cluster: name, namespace, domain, role, outcome: resolveRole(rules, domain, role) };
      });
    },
  };
}

/** The namespace that a domain may be of where the inventory is incomplete, and why it is. Undefined where that is known. */
function unlistedIn(
  cluster: Pick<ClusterConfig, 'domain'>,
  inventory: ClusterInventory | undefined,
): Rules['unlisted'] {
  const [problem] = inventory?.problems ?? [];
  if (inventory === undefined || problem === undefined) return () => undefined;
  const excluded = new Set(inventory.excluded.map(({ name }) => name));
  return (domain) => {
    const namespace = namespaceOf(cluster, domain) ?? '';
    // Nothing below the depth of namespaces is one.
    if (namespace === '' || namespace.includes('.') || excluded.has(namespace)) return undefined;
    return findNamespace(inventory, namespace) === undefined ? { namespace, problem } : undefined;
  };
}

/**
 * Resolves every configured Athenz role of every namespace to who has access through it.
 *
 * @returns in the order of clusters in the config, then namespace, then role
 */
export function resolveAccess(options: ResolveOptions): readonly RoleAccess[] {
  const { resolve } = createResolver(options);
  const lookup = createLookup(options.snapshot);
  return options.config.clusters.flatMap(({ name }) => {
    const namespaces = options.inventory.find((it) => it.cluster === name)?.namespaces ?? [];
    return namespaces.flatMap((namespace) => resolve(name, namespace.name, lookup));
  });
}

function resolveRole(rules: Rules, domainName: string, roleName: string): RoleOutcome {
  const domain = rules.lookup(domainName);
  if (domain.kind === 'unknown') return unknownRole(domain.problem, domainName);
  if (domain.kind === 'absent') return { kind: 'absent', what: 'domain', unconfirmed: unconfirmedIn(domain) };
  const role = domain.value.roles.get(roleName);
  if (role === undefined) return { kind: 'absent', what: 'role', unconfirmed: [] };
  const walk = walkRole(rules, domain.value, role);
  if (walk.unknown !== undefined) return unknownRole(walk.unknown.problem, walk.unknown.domain);
  return {
    kind: 'value',
    grants: toGrants(walk),
    dropped: toDropped(walk),
    unconfirmed: [...walk.unconfirmed].sort(),
    ...(walk.unlisted.size === 0 ? {} : { unlisted: walk.unlisted }),
  };
}

function unknownRole(problem: Problem, domain: string): RoleOutcome {
  return { kind: 'unknown', problem, domain };
}

function unconfirmedIn(domain: ReturnType<Lookup>): readonly string[] {
  return domain.unconfirmed === undefined ? [] : [domain.unconfirmed];
}

/** One grant per subject with every way that leads to it: it lives while one of them does. */
function toGrants({ ways }: MemberWalk): readonly Grant[] {
  // As `compareSubjects` sorts: by UTF-16 code unit.
  const open = ways.filter(isEffective).sort((a, b) => compareText(a.key, b.key));
  const grants: Grant[] = [];
  // Most members have the one path that their role has: it is kept once.
  const single = new Map<Path, readonly Path[]>();
  for (let at = 0, end = 1; at < open.length; at = end++) {
    const way = open[at] as Effective;
    while (open[end]?.key === way.key) end++;
    if (end > at + 1) grants.push(toGrant(way, sortPaths(open.slice(at, end).map(({ path }) => path))));
    else if (way.grant !== undefined) grants.push(way.grant);
    else {
      const paths = single.get(way.path) ?? [way.path];
      single.set(way.path, paths);
      grants.push(toGrant(way, paths));
    }
  }
  return grants;
}

/** A way that leads to a subject. */
type Effective = Way & Required<Pick<Way, 'subject' | 'key'>>;

function isEffective(way: Way): way is Effective {
  return way.key !== undefined && way.dropped === undefined;
}

/** @param paths sorted and unique */
function toGrant({ subject, member }: Effective, paths: readonly Path[]): Grant {
  const expires = lastEnd(paths);
  return expires === undefined ? { subject, member, paths } : { subject, member, paths, expires };
}

/** The end of the path that lasts longest, where each has one. */
function lastEnd(paths: readonly Path[]): string | undefined {
  let last = '';
  for (const { expires } of paths) {
    if (expires === undefined) return undefined;
    if (expires > last) last = expires;
  }
  return last;
}

function sortPaths(paths: readonly Path[]): readonly Path[] {
  const unique = new Map(paths.map((path) => [pathKey(path), path]));
  return [...unique.values()].sort((a, b) => compareText(pathKey(a), pathKey(b)));
}

function toDropped(walk: MemberWalk): readonly Dropped[] {
  return walk.ways
    .flatMap(({ member, path, subject, dropped, detail }): Dropped[] => {
      if (dropped === undefined) return [];
      return [{ member, reason: dropped, path, ...(subject ? { subject } : {}), ...(detail ? { detail } : {}) }];
    })
    .sort((a, b) => compareText(droppedKey(a), droppedKey(b)));
}

function droppedKey(dropped: Dropped): string {
  return `${dropped.member}\0${dropped.reason}\0${pathKey(dropped.path)}\0${dropped.detail ?? ''}`;
}

function pathKey({ trust = '', group = '', expires = '' }: Path): string {
  return `${trust}\0${group}\0${expires}`;
}
