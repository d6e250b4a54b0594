import { findDomainless } from '../config/domainless.ts';
import { type DetailedDocument, type DomainStamp, parentOf, stampsOf } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import { findCandidates } from './departed.ts';
import { compareSettings, type SettingsDrift } from './drift.ts';
import { planLeaving } from './leaving.ts';
import { collectNeeds, type Need, type Needs } from './needs.ts';
import type { AthenzState, ProvisionInput } from './plan-input.ts';
import { planPolicies } from './policies.ts';
import type { DomainPlan, ProvisionPlan, Step, Unprovisioned } from './result.ts';

/** The domains whose documents a plan needs: those of the namespaces, those that roles are delegated to, and those to go. */
export function domainsToRead(
  input: Omit<ProvisionInput, 'athenz' | 'now'>,
  list: readonly DomainStamp[],
): Set<string> {
  const { needs } = collectNeeds(input.config, input.inventory);
  const trusted = [...needs.values()].flatMap(({ roles }) => [...roles.values()].flatMap(({ trust }) => trust ?? []));
  const leaving = input.prune === false ? [] : findCandidates(input.config, input.inventory, list);
  return new Set([...needs.keys(), ...trusted.map(({ domain }) => domain), ...leaving.map(({ domain }) => domain)]);
}

/** Compares what git asks for with what Athenz has. Pure, and the same for any order of its input. */
export function planProvision(input: ProvisionInput): ProvisionPlan {
  const { inventory, config, principal } = input;
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
  const leaving = planLeaving(input);
  problems.push(...leaving.problems);
  const failed = new Set(problems.map(({ domain }) => domain));
  const wrong = wrongTemplates(input, problems);
  return {
    needed: needs.size + refused.length,
    ready: plans.filter(({ steps, drift, domain }) => {
      return steps.length === 0 && !drift.includes(disabled) && !failed.has(domain);
    }).length,
    warnings: principal === undefined ? [] : warnOfOutsider(plans, principal),
    domains: [...plans.filter(({ steps, drift }) => steps.length + drift.length > 0), ...leaving.plans].sort(byDomain),
    departed: leaving.departed,
    problems: [
      ...wrong,
      ...problems.filter((it) => !isParentMissing(it) || wrong.every(({ cluster }) => cluster !== it.cluster)),
    ],
  };
}

/** Whoever is no administrator of a domain may create it, and nothing in it. */
function warnOfOutsider(plans: readonly DomainPlan[], principal: string): readonly Problem[] {
  const closed = plans.filter(({ steps }) =>
    steps.some((it) => it.kind === 'create-domain' && !it.settings.adminUsers.includes(principal)),
  );
  const [first] = closed;
  if (first === undefined) return [];
  const which = closed.length === 1 ? first.domain : `${closed.length} domains to create (${first.domain} first)`;
  return [
    {
      code: 'PROVISION_NOT_ADMIN',
      message: `${principal} is not an administrator of ${which}: ZMS does not let it create roles there`,
      next: 'add it to provision.adminUsers, unless another policy lets it write there',
    },
  ];
}

/** Clusters whose template fits nothing, and no parent is created either: said once, not of each of their namespaces. */
function wrongTemplates(
  { athenz, config, inventory }: ProvisionInput,
  problems: readonly Unprovisioned[],
): readonly Unprovisioned[] {
  if (athenz === undefined) return [];
  const refused = new Set(problems.filter(isParentMissing).map(({ cluster }) => cluster));
  return findDomainless(config, inventory, stampsOf(athenz.list)).flatMap(({ cluster, parent, problem }) =>
    parent || !refused.has(cluster) ? [] : [{ cluster, problem }],
  );
}

function isParentMissing({ problem }: Unprovisioned): boolean {
  return problem.code === 'PROVISION_PARENT_MISSING';
}

interface Decided extends SettingsDrift {
  readonly problems: readonly Problem[];
}

function decideDomain(input: ProvisionInput, asked: Need, needs: Needs['needs']): Decided {
  const { athenz } = input;
  const read = athenz?.domains.get(asked.domain);
  const policies = planPolicies(athenz?.domains, asked, read?.kind === 'value' ? read.value : undefined);
  const need = { ...asked, roles: new Map([...asked.roles].filter(([role]) => !policies.barred.has(role))) };
  if (athenz === undefined) {
    const lacking = lackingAdmin(need, 'it cannot be created where it does not exist');
    if (lacking.length > 0) return { steps: [], drift: [], problems: lacking };
    return { steps: [...creation(need), ...policies.steps], drift: [], problems: [] };
  }
  switch (read?.kind) {
    case undefined:
    case 'absent': {
      const parent = missingParent(need.domain, athenz, needs);
      if (parent !== undefined) return { steps: [], drift: [], problems: [parentMissing(need.domain, parent)] };
      const lacking = lackingAdmin(need, 'it does not exist and cannot be created');
      if (lacking.length > 0) return { steps: [], drift: [], problems: lacking };
      return { steps: [...creation(need), ...policies.steps], drift: [], problems: policies.problems };
    }
    case 'unknown':
      return { steps: [], drift: [], problems: [read.problem] };
    case 'value': {
      // A disabled domain is read-only, on purpose.
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

/** A domain cannot be created without an administrator; one that exists has its own. */
function lackingAdmin({ domain, settings }: Need, why: string): readonly Problem[] {
  if (settings.adminUsers.length > 0) return [];
  return [
    {
      code: 'PROVISION_NO_ADMIN',
      message: `no administrator is named for ${domain}: ${why}`,
      next: 'set provision.adminUsers, or the annotation of provision.annotations.adminUsers',
    },
  ];
}

/** The domain above that is not there and is not created by this plan either, if there is one. */
function missingParent(domain: string, athenz: AthenzState, needs: Needs['needs']): string | undefined {
  const parent = parentOf(domain) ?? '';
  if (athenz.list.some(({ name }) => name === parent)) return undefined;
  return needs.has(parent) ? missingParent(parent, athenz, needs) : parent;
}

const disabled = {
  setting: 'enabled',
  is: 'false',
  shall: 'true',
  left: 'the domain is disabled and read-only',
} as const;

function creation({ settings, roles, groups }: Need): readonly Step[] {
  return [
    { kind: 'create-domain', settings },
    ...[...groups].map(([group, members]) => ({ kind: 'create-group', group, members }) as const),
    ...roleSteps(roles, new Set()),
  ];
}

function missing({ roles, groups }: Need, document: DetailedDocument): readonly Step[] {
  const there = { roles: new Set(document.roles.map(nameOf)), groups: new Set(document.groups.map(nameOf)) };
  return [
    ...[...groups]
      .filter(([group]) => !there.groups.has(group))
      .map(([group, members]) => ({ kind: 'create-group', group, members }) as const),
    ...roleSteps(roles, there.roles),
  ];
}

function roleSteps(roles: Need['roles'], there: ReadonlySet<string>): readonly Step[] {
  // ZMS makes the role of the administrators itself, and writing it would put them out.
  return [...roles].flatMap(([role, settings]): readonly Step[] =>
    role === 'admin' || there.has(role) ? [] : [{ kind: 'create-role', role, settings }],
  );
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
    next: 'ask the Athenz administrators to create it, or correct clusters[].domain',
  };
}
