import type { Config } from '../config/types.ts';
import { type DetailedDocument, type DomainStamp, domainOf } from '../model/domain.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { label } from '../model/label.ts';
import type { DomainRead } from '../model/snapshot.ts';
import { clusterTag, configTag, isOurs } from '../model/tags.ts';
import { count } from '../model/text.ts';
import type { Need } from './needs.ts';
import type { ProvisionSettings } from './plan-input.ts';
import type { Departed } from './result.ts';

/** A domain that a cluster's template could have made, and whose namespace is not in git. */
export interface Candidate {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  readonly modified: string;
}

/**
 * Finds listed domains that no longer have a namespace in git. None of a cluster whose inventory is incomplete, also
 * where another cluster shares its domains; and none of a namespace that the config leaves out, or that asks for what
 * cannot be.
 */
export function findCandidates(
  { clusters }: Pick<Config, 'clusters'>,
  inventory: readonly ClusterInventory[],
  list: readonly DomainStamp[],
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  const barred = new Set<string>();
  for (const cluster of clusters) {
    const [before = '', after = ''] = cluster.domain.split('{namespace}');
    const own = inventory.find((it) => it.cluster === cluster.name);
    const complete = own !== undefined && own.problems.length === 0;
    const inGit = new Set([
      ...(own?.namespaces ?? []).map(({ name }) => name),
      ...(own?.excluded ?? []).map(({ name }) => name),
    ]);
    for (const { name: domain, modified } of list) {
      const namespace = domain.slice(before.length, domain.length - after.length);
      // RFC 1123: no other name is a namespace's, so that nothing below or beside is taken for one.
      if (!label.test(namespace) || domainOf(cluster, namespace) !== domain) continue;
      if (!complete || inGit.has(namespace)) barred.add(domain);
      else if (!found.has(domain)) found.set(domain, { cluster: cluster.name, namespace, domain, modified });
    }
  }
  return [...found.values()].filter(({ domain }) => !barred.has(domain));
}

export interface DepartedInput {
  readonly config: ProvisionSettings;
  readonly candidates: readonly Candidate[];
  readonly list: readonly DomainStamp[];
  readonly domains: ReadonlyMap<string, DomainRead<DetailedDocument>>;
  /** What the config gives a domain of this cluster; members beyond it were added by people. */
  readonly wouldNeed: (candidate: Candidate, document: DetailedDocument) => Need | undefined;
  readonly now: Date;
}

/** Those that provisioning created, each with what speaks against deleting it. */
export function judgeDeparted(input: DepartedInput): readonly Departed[] {
  const judged = input.candidates.flatMap((candidate): Departed[] => {
    const read = input.domains.get(candidate.domain);
    if (read?.kind !== 'value' || !isOurs(read.value.settings)) return [];
    const { cluster, namespace, domain } = candidate;
    const kept = reasonToKeep(input, candidate, read.value);
    return [{ cluster, namespace, domain, ...(kept === undefined ? {} : { kept }) }];
  });
  const { maxPruned } = input.config.provision;
  const may = judged.filter(({ kept }) => kept === undefined).map(({ domain }) => domain);
  const later = new Set(may.slice(maxPruned));
  return judged.map((it) =>
    later.has(it.domain) ? { ...it, kept: `provision.maxPruned reached (${maxPruned} per run)` } : it,
  );
}

function reasonToKeep(
  { config, list, wouldNeed, now }: DepartedInput,
  candidate: Candidate,
  document: DetailedDocument,
): string | undefined {
  const { domain } = candidate;
  const [cluster = '(unknown)'] = document.settings.tags[clusterTag] ?? [];
  const [owner] = document.settings.tags[configTag] ?? [];
  // Another config may provision domains of the same names, for clusters of the same names.
  if (owner === undefined) return 'it does not say which config created it (tag athenz-gitops.config)';
  if (config.owner === undefined) return 'this config has neither an id nor forge.repository to identify its domains';
  if (owner !== config.owner) return `another config created it: ${owner}`;
  // A cluster that left the config may still be in use.
  if (!config.clusters.some(({ name }) => name === cluster))
    return `it was created for the cluster ${cluster}, which is not in this config`;
  const below = list.find(({ name }) => name.startsWith(`${domain}.`));
  if (below !== undefined) return `it has the subdomain ${below.name}`;
  const { pruneAfterDays } = config.provision;
  const age = (now.getTime() - Date.parse(document.modified)) / 86_400_000;
  if (!(age >= pruneAfterDays)) return `it was changed within the last ${count(pruneAfterDays, 'day')}`;
  if (!document.enabled) return 'it is disabled in Athenz';
  const [service] = document.services;
  if (service !== undefined) return `it has the service ${service}`;
  const policy = document.policies.find((name) => name !== 'admin');
  if (policy !== undefined) return `it has the policy ${policy}`;
  const need = wouldNeed(candidate, document);
  if (need === undefined) return 'the config no longer says what it was created with';
  for (const { name, members, trust } of document.roles) {
    const role = name === 'admin' ? { members: need.settings.adminUsers } : need.roles.get(name);
    if (role === undefined) return `it has the role ${name}`;
    if (trust !== undefined && trust !== need.roles.get(name)?.trust?.domain) return `its role ${name} is delegated`;
    const other = members.find((member) => !role.members.includes(member.name));
    if (other !== undefined) return `${other.name} is in its role ${name}`;
  }
  for (const { name, members } of document.groups) {
    const group = need.groups.get(name);
    if (group === undefined) return `it has the group ${name}`;
    const other = members.find((member) => !group.includes(member.name));
    if (other !== undefined) return `${other.name} is in its group ${name}`;
  }
  return undefined;
}
