import type { Config } from '../config/types.ts';
import { type DetailedDocument, type DomainStamp, domainOf, parentOf } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { Departed, DomainPlan, ProvisionPlan, Step, Unprovisioned } from '../model/provision.ts';
import type { DomainRead } from '../model/snapshot.ts';
import { findCandidates, judgeDeparted } from './departed.ts';
import { compareSettings, type Difference } from './drift.ts';
import { collectNeeds, type Need, type Needs } from './needs.ts';
import { planPolicies } from './policies.ts';

/** What ZMS says: every domain's stamp, and the documents of those that matter. */
export interface AthenzState {
  /** Complete. */
  readonly list: readonly DomainStamp[];
  readonly domains: ReadonlyMap<string, DomainRead<DetailedDocument>>;
}

export interface ProvisionInput {
  readonly config: Pick<Config, 'clusters' | 'provision'>;
  readonly inventory: readonly ClusterInventory[];
  /** Undefined: planned from git alone, as if nothing were there yet. */
  readonly athenz: AthenzState | undefined;
  /** Settings are brought to what the config says. */
  readonly update: boolean;
  readonly prune: false | 'report' | 'delete';
  readonly now: Date;
}

/** The domains whose documents a plan needs: those of the namespaces, those that roles are delegated to, and those to go. */
export function domainsToRead(
  input: Omit<ProvisionInput, 'athenz' | 'now'>,
  list: readonly DomainStamp[],
): Set<string> {
  const { needs } = collectNeeds(input.config, input.inventory);
  const trusted = [...needs.values()].flatMap(({ roles }) => [...roles.values()].flatMap(({ trust }) => trust ?? []));
  const leaving = input.prune === false ? [] : findCandidates(input.config, input.inventory, list, domainNames(needs));
  return new Set([...needs.keys(), ...trusted.map(({ domain }) => domain), ...leaving.map(({ domain }) => domain)]);
}

/** Compares what git asks for with what Athenz has. Pure, and the same for any order of its input. */
export function planProvision(input: ProvisionInput): ProvisionPlan {
  const { inventory, config } = input;
  const { needs, problems: refused } = collectNeeds(config, inventory);
  const problems: Unprovisioned[] = [
    ...inventory.flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem }))),
    ...refused,
  ];
  const plans: DomainPlan[] = [];
  for (const need of needs.values()) {
    const { cluster, namespace, domain } = need;
    const decided = decideDomain(input, need, needs);
    problems.push(...decided.problems.map((problem) => ({ cluster, namespace, domain, problem })));
    plans.push({ cluster, namespace, domain, steps: decided.steps, drift: decided.drift });
  }
  const leaving = planDeparted(input, needs);
  const failed = new Set(problems.map(({ domain }) => domain));
  return {
    needed: needs.size,
    ready: plans.filter(({ steps, domain }) => steps.length === 0 && !failed.has(domain)).length,
    domains: [...plans.filter(({ steps, drift }) => steps.length + drift.length > 0), ...leaving.plans].sort(byDomain),
    departed: leaving.departed,
    problems,
  };
}

interface Decided extends Difference {
  readonly problems: readonly Problem[];
}

function decideDomain(input: ProvisionInput, need: Need, needs: Needs['needs']): Decided {
  const { athenz } = input;
  const read = athenz?.domains.get(need.domain);
  const policies = planPolicies(athenz?.domains, need, read?.kind === 'value' ? read.value : undefined);
  if (athenz === undefined) return { steps: [...creation(need), ...policies.steps], drift: [], problems: [] };
  switch (read?.kind) {
    case undefined:
    case 'absent': {
      const parent = parentOf(need.domain) ?? '';
      if (!needs.has(parent) && !athenz.list.some(({ name }) => name === parent)) {
        return { steps: [], drift: [], problems: [parentMissing(need.domain, parent)] };
      }
      return { steps: [...creation(need), ...policies.steps], drift: [], problems: policies.problems };
    }
    case 'unknown':
      return { steps: [], drift: [], problems: [read.problem] };
    case 'value': {
      // A disabled domain takes no writes, and somebody meant it.
      if (!read.value.enabled) return { steps: [], drift: [disabled], problems: [] };
      const { drift, steps } = compareSettings(need, read.value);
      return {
        steps: [...missing(need, read.value), ...policies.steps, ...(input.update ? steps : [])],
        drift,
        problems: policies.problems,
      };
    }
  }
}

const disabled = {
  setting: 'enabled',
  is: 'false',
  shall: 'true',
  left: 'a disabled domain takes no writes',
} as const;

function creation({ settings, roles, groups }: Need): readonly Step[] {
  return [
    { kind: 'create-domain', settings },
    ...[...groups].map(([group, members]) => ({ kind: 'create-group', group, members }) as const),
    ...[...roles].map(([role, it]) => ({ kind: 'create-role', role, settings: it }) as const),
  ];
}

function missing({ roles, groups }: Need, document: DetailedDocument): readonly Step[] {
  const there = { roles: new Set(document.roles.map(nameOf)), groups: new Set(document.groups.map(nameOf)) };
  return [
    ...[...groups]
      .filter(([group]) => !there.groups.has(group))
      .map(([group, members]) => ({ kind: 'create-group', group, members }) as const),
    ...[...roles]
      .filter(([role]) => !there.roles.has(role))
      .map(([role, settings]) => ({ kind: 'create-role', role, settings }) as const),
  ];
}

function planDeparted(
  { config, inventory, now, athenz, prune }: ProvisionInput,
  needs: Needs['needs'],
): { readonly departed: readonly Departed[]; readonly plans: readonly DomainPlan[] } {
  if (athenz === undefined || prune === false) return { departed: [], plans: [] };
  const { list, domains } = athenz;
  const candidates = findCandidates(config, inventory, list, domainNames(needs));
  const wouldNeed = ({ namespace, domain }: (typeof candidates)[number]) => {
    const sharing = config.clusters.filter((cluster) => domainOf(cluster, namespace) === domain);
    const entry = { namespaces: [{ name: namespace, file: '' }], excluded: [], problems: [] };
    const all = sharing.map(({ name: cluster }) => ({ cluster, ...entry }));
    return collectNeeds({ clusters: sharing, provision: config.provision }, all).needs.get(domain);
  };
  const departed = judgeDeparted({ config, candidates, list, domains, wouldNeed, now });
  const going = prune === 'delete' ? departed.filter(({ kept }) => kept === undefined) : [];
  const plans = going.map(({ cluster, namespace, domain }): DomainPlan => {
    const modified = list.find(({ name }) => name === domain)?.modified ?? '';
    return { cluster, namespace, domain, steps: [{ kind: 'delete-domain', modified }], drift: [] };
  });
  return { departed, plans };
}

function domainNames(needs: Needs['needs']): ReadonlySet<string> {
  return new Set(needs.keys());
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function byDomain(a: DomainPlan, b: DomainPlan): number {
  return a.domain < b.domain ? -1 : 1;
}

function parentMissing(domain: string, parent: string): Problem {
  return {
    code: 'PROVISION_PARENT_MISSING',
    message: `creating ${domain}: there is no domain ${parent === '' ? 'above it' : parent}, and parents are never created`,
    next: 'ask the owners of Athenz to create it, or correct clusters[].domain',
  };
}
