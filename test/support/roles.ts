import { loadAll } from 'js-yaml';
import type { LimitsConfig, RoleConfig } from '../../src/config/types.ts';
import type { PlanContext } from '../../src/generators/rbac/context.ts';
import type { Problem } from '../../src/model/error.ts';
import { compareSubjects, type Dropped, type Path, type RoleAccess, type Subject } from '../../src/model/grant.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';
import type { Texts } from './planning.ts';

type PlanConfig = PlanContext['config'];

export const everything: readonly PolicyRule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
export const admins: RoleConfig = { athenzRole: 'k8s_ns_admins', rules: everything };
export const viewers: RoleConfig = { athenzRole: 'k8s_ns_viewers', clusterRole: 'view' };

export const noLimits: LimitsConfig = {
  maxRemovedGrants: null,
  maxAddedGrants: null,
  neverEmpty: [],
  maxSubjects: 1000,
};

/** A config of these clusters, all with the same roles, and with no limits unless they are given. */
export function configOf(
  more: Partial<PlanConfig> & { roles?: readonly RoleConfig[]; names?: 'portable' | 'operator' } = {},
): PlanConfig {
  return {
    clusters: [clusterOf('prod', more.roles)],
    limits: noLimits,
    output: { path: 'output/{cluster}/{namespace}/rbac.yaml', templates: null, keep: [] },
    ...more,
    names: more.names ?? 'portable',
  };
}

export function clusterOf(
  name: string,
  roles: readonly RoleConfig[] = [admins, viewers],
): PlanConfig['clusters'][number] {
  return { name, domain: `${name}.{namespace}`, namespaces: { files: [], exclude: [] }, kube: null, roles };
}

/** Which role is meant: `prod/payments/k8s_ns_admins`; its domain is `prod.payments`. */
export type RoleId = `${string}/${string}/${string}`;

function locate(id: RoleId) {
  const [cluster = '', namespace = '', role = ''] = id.split('/');
  return { cluster, namespace, role, domain: `${cluster}.${namespace}` };
}

export interface Membership {
  readonly paths?: readonly Path[];
  readonly expires?: string;
  readonly dropped?: readonly Dropped[];
  readonly unconfirmed?: readonly string[];
}

/** A role with these users (`user.ada`), or service accounts (`team/builder`); `more` is said of each. */
export function granted(id: RoleId, members: readonly string[], more: Membership = {}): RoleAccess {
  const { paths = [{}], expires, dropped = [], unconfirmed = [] } = more;
  const grants = members
    .map((member) => ({ subject: subjectOf(member), member, paths, ...(expires === undefined ? {} : { expires }) }))
    .sort((a, b) => compareSubjects(a.subject, b.subject));
  return { ...locate(id), outcome: { kind: 'value', grants, dropped, unconfirmed } };
}

/** A user that has left a role's grants for a reason, as `access` reports it. */
export function ended(reason: Dropped['reason'], member: string, detail?: string): Dropped {
  return { member, reason, path: {}, subject: subjectOf(member), ...(detail === undefined ? {} : { detail }) };
}

export function absent(
  id: RoleId,
  what: 'domain' | 'role' = 'domain',
  unconfirmed: readonly string[] = [],
): RoleAccess {
  return { ...locate(id), outcome: { kind: 'absent', what, unconfirmed } };
}

export const unavailable: Problem = { code: 'ZMS_UNAVAILABLE', message: 'reading a document: 503 after 3 tries' };

export function unknown(id: RoleId): RoleAccess {
  const place = locate(id);
  return { ...place, outcome: { kind: 'unknown', problem: unavailable, domain: place.domain } };
}

export function subjectOf(member: string): Subject {
  const [namespace = '', name] = member.split('/');
  return name === undefined ? { kind: 'User', name: member } : { kind: 'ServiceAccount', namespace, name };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly annotations: Readonly<Record<string, string>> };
  readonly subjects?: readonly { readonly name: string; readonly namespace?: string }[];
}

/**
 * Who is bound in these files, `<cluster>/<namespace>/<role>` → members, read with another YAML library than the program's
 * own. The cluster is the path's second part.
 */
export function bindingsIn(files: Texts): Readonly<Record<string, readonly string[]>> {
  const bound = new Map<string, readonly string[]>();
  for (const [path, text] of files) {
    for (const document of loadAll(text) as readonly Manifest[]) {
      if (document?.kind !== 'RoleBinding') continue;
      const { namespace, annotations } = document.metadata;
      const [, role] = (annotations['athenz-gitops.io/athenz-role'] ?? '').split(':role.');
      const members = (document.subjects ?? []).map((it) => (it.namespace ? `${it.namespace}/${it.name}` : it.name));
      const id = `${path.split('/')[1]}/${namespace}/${role}`;
      bound.set(id, [...new Set([...(bound.get(id) ?? []), ...members])].sort());
    }
  }
  return Object.fromEntries([...bound].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Who has what as Athenz says it, told as `bindingsIn` does of files; unknown roles are left out. */
export function bindingsOf({ access }: { readonly access: readonly RoleAccess[] }): ReturnType<typeof bindingsIn> {
  const known = access.filter((role) => role.outcome.kind !== 'unknown');
  return Object.fromEntries(
    known.map(({ cluster, namespace, role, outcome: it }) => {
      const members = it.kind === 'value' ? it.grants.map((grant) => grant.member) : [];
      return [`${cluster}/${namespace}/${role}`, members.sort()];
    }),
  );
}
