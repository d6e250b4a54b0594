import type { RoleConfig } from '../../src/config/types.ts';
import type { AccessChange, Plan, Scope } from '../../src/model/change.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { grantKey } from '../../src/model/proof.ts';
import type { RunResult } from '../../src/model/result.ts';
import type { Origin } from '../../src/plan/evidence.ts';
import { splitScopes } from '../../src/plan/scope.ts';
import { toResultPlan } from '../../src/run/result.ts';
import { planOf, treeOf } from './planning.ts';
import { admins, configOf, ended, granted, noLimits, type RoleId, subjectOf, unknown, viewers } from './roles.ts';

const pods = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] };
const oncall = (...more: string[]): RoleConfig => ({
  athenzRole: 'oncall',
  rules: [{ ...pods, resources: [...pods.resources, ...more] }],
});

const limits = { ...noLimits, maxRemovedGrants: { percent: 25, floor: 10 }, neverEmpty: ['k8s_ns_admins'] };

/** A namespace's three roles: whom it has as admins, viewers and on call. */
function namespace(name: string, roles: Partial<Record<'admins' | 'viewers' | 'oncall', RoleAccess>>): RoleAccess[] {
  const id = (role: string): RoleId => `prod/${name}/${role}`;
  const named = { admins: 'k8s_ns_admins', viewers: 'k8s_ns_viewers', oncall: 'oncall' } as const;
  const keys = ['admins', 'viewers', 'oncall'] as const;
  return keys.map((key) => {
    const place = granted(id(named[key]), []);
    return { ...place, outcome: (roles[key] ?? place).outcome };
  });
}

/** Members in the role that `namespace` puts them in. */
function members(names: readonly string[], more: Parameters<typeof granted>[2] = {}): RoleAccess {
  return granted('prod/any/any', names, more);
}

const before = [
  ...namespace('ml-train', { admins: members(['user.ida']), viewers: members(['user.eva_4']) }),
  ...namespace('payments-api', { admins: members(['user.dara']), oncall: members(['user.eva', 'user.finn']) }),
  ...namespace('retired', { viewers: members(['user.gus']) }),
  ...namespace('search-web', { admins: members(['user.dara', 'user.hal']), viewers: members(['user.kim']) }),
];

const through = { trust: 'acme.platform:role.sre' };
const expired = ended('expired', 'user.dara', '2026-11-20T18:00:00.000Z');
const wildcard = { member: 'user.*', reason: 'wildcard', path: {} } as const;

const after = [
  ...namespace('ml-train', { viewers: members([], { dropped: [ended('suspended', 'user.eva_4'), wildcard] }) }),
  ...namespace('payments-api', {
    admins: members(['user.ada', 'user.bo', 'user.dara'], { paths: [{ group: 'acme.org:group.payments' }] }),
    oncall: members(['user.eva', 'user.finn'], { expires: '2026-12-01T09:30:00.000Z' }),
  }),
  ...namespace('search-web', {
    admins: members(['user.hal'], { dropped: [expired] }),
    viewers: members(['user.chen_2'], { paths: [through], expires: '2027-06-30T00:00:00.000Z' }),
  }),
  unknown('prod/growth-geo/k8s_ns_admins'),
  unknown('prod/growth-geo/k8s_ns_viewers'),
  unknown('prod/growth-geo/oncall'),
];

/** This program had granted it. */
const origins: ReadonlyMap<string, Origin> = new Map([
  [
    grantKey({ cluster: 'prod', namespace: 'search-web', role: 'k8s_ns_viewers', subject: subjectOf('user.kim') }),
    { by: 'program', since: '2026-10-01T00:00:00.000Z' },
  ],
]);

/** A plan with something of everything, such as a reviewer may find on a busy day. */
export function busyPlan(): Plan {
  const files = treeOf({ config: configOf({ roles: [admins, viewers, oncall()] }), access: before });
  const config = configOf({ roles: [admins, viewers, oncall('secrets')], limits });
  const foreign = new Map([...files, ['output/prod/notes.txt', 'Do not delete!\n']]);
  return planOf({ config, files: foreign, access: after, evidence: { proofs: [], origins } });
}

/** The one scope of a plan of one cluster. */
export function scopeOf(plan: Plan): Scope {
  const [scope] = splitScopes(plan, 'cluster');
  if (scope === undefined) throw new Error('the plan has no cluster');
  return scope;
}

/** A scope of one cluster with these changes and nothing else. */
export function scopeWith(changes: readonly AccessChange[], more: Partial<Scope> = {}): Scope {
  const empty = {
    files: [],
    kept: [],
    held: [],
    dropped: [],
    skippedMembers: [],
    expiring: [],
    letThrough: [],
    staleKustomizations: [],
    emptied: [],
    proofs: [],
  };
  const totals = [{ cluster: 'prod', namespaces: 60, grantsBefore: 100, grantsAfter: 100 }];
  return { key: 'prod', ...empty, changes, totals, digest: `sha256:${'0'.repeat(64)}`, ...more };
}

/** What a run of `plan` found, as far as the text on a terminal depends on it. */
export function resultOf(plan: Partial<Pick<Plan, 'held' | 'heldRemovals' | 'heldAdditions'>>): RunResult {
  return {
    format: 'athenz-gitops run 1',
    command: 'plan',
    exitCode: 0,
    dryRun: false,
    polledAt: '2026-11-21T02:57:12.000Z',
    zmsUrl: 'https://zms.example.com:4443/zms/v1',
    domains: { needed: 68, read: 67, unknown: 1 },
    requests: 70,
    plan: { ...toResultPlan(planOf({ config: configOf(), access: [] })), ...plan },
    proposals: [],
  };
}

/** What a body is told besides its scope. */
export const bodyFacts = {
  base: 'main',
  owner: 'rbac:/athenz-gitops.yaml',
  polledAt: '2026-11-21T02:57:12.345Z',
  domains: 67,
  approvals: [],
};
