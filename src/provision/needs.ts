import { fullName } from '../config/text-schema.ts';
import type { ProvisionConfig } from '../config/types.ts';
import { domainOf, isDomainName, type Tags } from '../model/domain.ts';
import { AppError, type Problem, toProblem } from '../model/error.ts';
import type { ClusterInventory, NamespaceEntry } from '../model/inventory.ts';
import { adminsTag, clusterTag, configTag, mark, tagCount, tagLimit } from '../model/tags.ts';
import type { ProvisionSettings } from './plan-input.ts';
import type { NewDomain, NewRole } from './result.ts';

/** What a namespace in git asks of Athenz. */
export interface Need {
  /** Of several clusters with one domain, the first. */
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  readonly settings: NewDomain;
  /** By short name; those of all clusters that share the domain. */
  readonly roles: ReadonlyMap<string, NewRole>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export interface Needs {
  /** By domain, sorted. */
  readonly needs: ReadonlyMap<string, Need>;
  readonly problems: readonly { readonly cluster: string; readonly namespace: string; readonly problem: Problem }[];
}

/** Works out which domains, roles and groups the namespaces ask for. Pure; the order of namespaces does not matter. */
export function collectNeeds(config: ProvisionSettings, inventory: readonly ClusterInventory[]): Needs {
  const { clusters, provision } = config;
  const found = new Map<string, Need>();
  const problems: Needs['problems'][number][] = [];
  const groups = new Map(Object.entries(provision.groups).map(([name, { members }]) => [name, sorted(members)]));
  for (const cluster of clusters) {
    const roles = new Map(cluster.roles.map(({ athenzRole }) => [athenzRole, newRole(provision, athenzRole)]));
    for (const entry of inventory.find((it) => it.cluster === cluster.name)?.namespaces ?? []) {
      const place = { cluster: cluster.name, namespace: entry.name };
      const domain = domainOf(cluster, entry.name);
      const shared = found.get(domain);
      try {
        const settings = shared?.settings ?? newDomain(config, place, domain, entry);
        const both = new Map([...(shared?.roles ?? []), ...roles]);
        found.set(domain, { ...place, ...shared, domain, settings, roles: both, groups });
      } catch (error) {
        problems.push({ ...place, problem: toProblem(error) });
      }
    }
  }
  return { needs: new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1))), problems };
}

/** @throws AppError `PROVISION_…` where the config or the Namespace asks for what cannot be */
function newDomain(
  { provision, owner }: ProvisionSettings,
  { cluster, namespace }: { readonly cluster: string; readonly namespace: string },
  domain: string,
  entry: NamespaceEntry,
): NewDomain {
  const { adminUsers, org, description, memberExpiryDays, tags, annotations } = provision;
  const said = (key: string | null) =>
    key !== null && Object.hasOwn(entry.annotations ?? {}, key)
      ? entry.annotations?.[key]?.trim() || undefined
      : undefined;
  const own = {
    adminUsers: said(annotations.adminUsers),
    org: said(annotations.org),
    description: said(annotations.description),
  };
  // Beside those of the config: this program is one of them, or it could not create the roles.
  const named = own.adminUsers === undefined ? [] : namesIn(own.adminUsers, entry, annotations.adminUsers);
  const admins = [...adminUsers, ...named];
  // 128 is ZMS' own default (athenz.zms.domain_name_max_len).
  if (domain.length > 128 || !isDomainName(domain)) {
    throw new AppError(
      'PROVISION_BAD_VALUE',
      `naming the domain of ${namespace}: ${domain} is not a valid domain name`,
      {
        next: 'use a shorter name, or another clusters[].domain',
      },
    );
  }
  const all: Tags = {
    ...marked(tags),
    [clusterTag]: [cluster],
    ...(owner === undefined ? {} : { [configTag]: [owner] }),
    ...(named.length === 0 ? {} : { [adminsTag]: sorted(named) }),
  };
  if (tagCount(all) > tagLimit) {
    const message = `creating ${domain}: its tags have ${tagCount(all)} values, and ZMS allows ${tagLimit}`;
    throw new AppError('PROVISION_BAD_VALUE', `${message}; each administrator that a Namespace names counts as one`, {
      next: 'name fewer of them in the annotation, or fewer values in provision.tags',
    });
  }
  const filled = description?.replaceAll('{cluster}', cluster).replaceAll('{namespace}', namespace);
  const text = { org: own.org ?? org ?? undefined, description: own.description ?? filled };
  return {
    adminUsers: sorted(admins),
    ...(text.org === undefined ? {} : { org: text.org }),
    ...(text.description === undefined ? {} : { description: text.description }),
    ...(memberExpiryDays === null ? {} : { memberExpiryDays }),
    tags: all,
    fromNamespace: [
      ...(named.length === 0 ? [] : (['adminUsers'] as const)),
      ...(['org', 'description'] as const).filter((name) => own[name] !== undefined),
    ],
  };
}

function newRole({ roles }: ProvisionConfig, name: string): NewRole {
  const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (role === undefined) return { members: [], tags: marked({}) };
  const { members, description, memberExpiryDays, selfServe, reviewEnabled, tags, trust } = role;
  return {
    members: sorted(members),
    ...(description === null ? {} : { description }),
    ...(memberExpiryDays === null ? {} : { memberExpiryDays }),
    ...(selfServe === null ? {} : { selfServe }),
    ...(reviewEnabled === null ? {} : { reviewEnabled }),
    tags: marked(tags),
    ...(trust === null ? {} : { trust }),
  };
}

/** Names in an annotation, divided by commas or blanks. @throws AppError `PROVISION_BAD_VALUE` */
function namesIn(text: string, { name, source }: NamespaceEntry, key: string | null): readonly string[] {
  const names = text.split(/[\s,]+/).filter((it) => it !== '');
  const wrong = names.find((it) => !fullName.test(it));
  if (wrong === undefined) return names;
  throw new AppError('PROVISION_BAD_VALUE', `reading ${key} of the namespace ${name} in ${source}: ${wrong}`, {
    next: 'name users and services in full and in lower case, such as user.ada',
  });
}

function marked(tags: Tags): Tags {
  const given = Object.entries(tags).map(([key, values]) => [key, sorted(values)]);
  return { ...Object.fromEntries(given), [mark.key]: [mark.value] };
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
