import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/types.ts';
import type { DetailedDocument, DomainStamp, StoredRoleSettings, Tags } from '../../src/model/domain.ts';
import type { ClusterInventory, NamespaceEntry } from '../../src/model/inventory.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import { clusterTag, configTag, mark } from '../../src/model/tags.ts';
import { planProvision } from '../../src/provision/plan.ts';
import type { ProvisionInput, ProvisionSettings } from '../../src/provision/plan-input.ts';
import type { ProvisionPlan, Step } from '../../src/provision/result.ts';

/** The mark of what provisioning has created. */
export const ours: Tags = { [mark.key]: [mark.value], [clusterTag]: ['prod'], [configTag]: ['ours'] };
const stamp = '2026-11-01T00:00:00.000Z';
/** Twenty days later. */
export const now = new Date('2026-11-21T00:00:00.000Z');

export interface ConfigParts {
  /** As YAML in flow style. */
  readonly provision?: string;
  /** Cluster → template of its domains. Default: prod → `eks.{namespace}`. */
  readonly clusters?: Readonly<Record<string, string>>;
  readonly roles?: readonly string[];
}

/** A config as a person writes it, read. */
export function configFrom({
  provision,
  clusters = { prod: 'eks.{namespace}' },
  roles = ['viewers'],
}: ConfigParts): ProvisionSettings & Config {
  const data = {
    athenz: { zmsUrl: 'https://zms.example.com:4443/zms/v1' },
    clusters: Object.entries(clusters).map(([name, domain]) => ({ name, domain, namespaces: { files: ['*.yaml'] } })),
    roles: roles.map((athenzRole) => ({ athenzRole, clusterRole: 'view' })),
    provision: parse(provision ?? '{adminUsers: [user.lead]}'),
  };
  return { ...parseConfig(JSON.stringify(data), 'g.yaml'), owner: 'ours' };
}

/** The namespaces of a cluster, each a name or one with annotations. */
export function cluster(
  name: string,
  namespaces: readonly (string | Omit<NamespaceEntry, 'source'>)[],
  more: Partial<ClusterInventory> = {},
): ClusterInventory {
  const entries = namespaces.map((it) => ({ ...(typeof it === 'string' ? { name: it } : it), source: 'ns.yaml' }));
  return { cluster: name, namespaces: entries, excluded: [], problems: [], ...more };
}

export interface DocumentParts extends Partial<Omit<DetailedDocument, 'roles' | 'groups' | 'roleSettings'>> {
  /** Role → members; settings of a role are in `roleSettings`. Default: `admin` and `viewers`. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly roleSettings?: Readonly<Record<string, StoredRoleSettings>>;
  readonly trusts?: Readonly<Record<string, string>>;
}

/** A domain that provisioning created with the default config, unless it says otherwise. */
export function documentOf(name: string, parts: DocumentParts = {}): DetailedDocument {
  const { roles = { admin: ['user.lead'], viewers: [] }, groups = {}, roleSettings = {}, trusts = {}, ...rest } = parts;
  const withMembers = (given: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(given).map(([it, members]) => ({ name: it, members: members.map((member) => ({ name: member })) }));
  return {
    name,
    modified: stamp,
    enabled: true,
    assumes: [],
    settings: { tags: ours },
    policies: ['admin'],
    services: [],
    ...rest,
    roles: withMembers(roles).map((it) => ({
      ...it,
      ...(trusts[it.name] ? { trust: trusts[it.name] as string } : {}),
    })),
    groups: withMembers(groups),
    roleSettings: new Map(Object.keys(roles).map((role) => [role, roleSettings[role] ?? { tags: ours }])),
  };
}

/** What ZMS has: documents, names of domains that are listed only, and reads that failed. */
export function athenzOf(
  documents: readonly DetailedDocument[],
  {
    listed = ['eks'],
    unknown = [],
  }: { readonly listed?: readonly string[]; readonly unknown?: readonly string[] } = {},
): NonNullable<ProvisionInput['athenz']> {
  const names = [...new Set([...documents.map(({ name }) => name), ...listed, ...unknown])].sort();
  const list = names.map((name): DomainStamp => ({ name, modified: stamp, enabled: true }));
  const problem = { code: 'ZMS_UNAVAILABLE', message: 'down' } as const;
  const reads = new Map<string, DomainRead<DetailedDocument>>();
  for (const document of documents) reads.set(document.name, { kind: 'value', value: document });
  for (const name of unknown) reads.set(name, { kind: 'unknown', problem });
  return { list, domains: reads };
}

export type PlanParts = ConfigParts & Partial<Omit<ProvisionInput, 'config'>> & { readonly owner?: string | undefined };

export function planFrom({ provision, clusters, roles, ...input }: PlanParts): ProvisionPlan {
  const parts = { ...(provision && { provision }), ...(clusters && { clusters }), ...(roles && { roles }) };
  return planProvision({
    config: { ...configFrom(parts), ...('owner' in input ? { owner: input.owner } : {}) },
    inventory: [cluster('prod', ['web'])],
    athenz: athenzOf([]),
    update: false,
    prune: false,
    now,
    ...input,
  });
}

/** The one step of a kind. */
export function stepOf<K extends Step['kind']>(plan: ProvisionPlan, kind: K): Extract<Step, { kind: K }> {
  const found = plan.domains.flatMap(({ steps }) => steps).filter((it) => it.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} steps ${kind}`);
  return found[0] as Extract<Step, { kind: K }>;
}

/** Every step, as `eks.web create-role viewers`. */
export function wordsOf({ domains }: ProvisionPlan): readonly string[] {
  return domains.flatMap(({ domain, steps }) =>
    steps.map((step) => {
      const about = 'role' in step ? step.role : 'group' in step ? step.group : 'policy' in step ? step.policy : '';
      return `${domain} ${step.kind} ${about}`.trim();
    }),
  );
}

export function codesOf({ problems }: ProvisionPlan): readonly string[] {
  return problems.map(({ namespace, problem }) => `${namespace ?? ''} ${problem.code}`.trim());
}
