import type { RoleConfig } from '../../src/config/types.ts';
import type { Held } from '../../src/core/change.ts';
import type { Origin } from '../../src/core/evidence.ts';
import type { SourceState } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import { type Scope, splitScopes } from '../../src/core/scope.ts';
import { toChange } from '../../src/generators/rbac/change.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { grantKey } from '../../src/generators/rbac/proof.ts';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { AccessChange, HeldAccess } from '../../src/model/access.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { type BodyFacts, renderBody } from '../../src/report/markdown.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { corePlanOf, treeOf } from './planning.ts';
import type { ResultPlan } from './result.ts';
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
export function busyPlan(): Plan<AccessChange> {
  const files = treeOf({ config: configOf({ roles: [admins, viewers, oncall()] }), access: before });
  const config = configOf({ roles: [admins, viewers, oncall('secrets')], limits });
  const foreign = new Map([...files, ['output/prod/notes.txt', 'Do not delete!\n']]);
  return corePlanOf({ config, files: foreign, access: after, evidence: { proofs: [], origins } });
}

/** The one scope of a plan of one cluster. */
export function scopeOf(plan: Plan<AccessChange>): Scope<AccessChange> {
  const [scope] = splitScopes(plan, rbac, { groupBy: 'cluster' });
  if (scope === undefined) throw new Error('the plan has no cluster');
  return scope;
}

/** What a scope may hold besides changes, in the keys of results. */
type Told = Partial<Pick<Scope, 'files' | 'staleKustomizations' | 'key' | 'digest'>> &
  Partial<
    Pick<ResultPlan, 'kept' | 'held' | 'dropped' | 'skippedMembers' | 'expiring' | 'letThrough' | 'emptied' | 'totals'>
  >;

/** A scope of one cluster with these changes and nothing else. */
export function scopeWith(changes: readonly AccessChange[], told: Told = {}): Scope<AccessChange> {
  const { files = [], staleKustomizations = [], key = 'prod', digest = `sha256:${'0'.repeat(64)}` } = told;
  const {
    kept = [],
    held = [],
    letThrough = [],
    dropped = [],
    skippedMembers = [],
    expiring = [],
    emptied = [],
  } = told;
  const totals = told.totals ?? [{ cluster: 'prod', namespaces: 60, grantsBefore: 100, grantsAfter: 100 }];
  return {
    key,
    label: key,
    files,
    changes: changes.map(toChange),
    kept: kept.map(({ role, ...it }) => ({ ...it, ...(role === undefined ? {} : { part: role }) })),
    held: held.map(heldOf),
    notes: { dropped, skippedMembers, expiring, emptied },
    totals: totals.map(({ cluster, namespaces: units, grantsBefore, grantsAfter }) => {
      return { cluster, units, before: grantsBefore, after: grantsAfter };
    }),
    approved: letThrough,
    staleKustomizations,
    proofs: [],
    digest,
  };
}

/** What is held, from the keys of results. */
export function heldOf({ losses, gains = [], emptied, ...held }: HeldAccess): Held<AccessChange> {
  const left = emptied?.map(({ role: part, neverEmpty, ...place }) => ({ ...place, part, protected: neverEmpty }));
  return { ...held, changes: [...losses, ...gains].map(toChange), ...(left === undefined ? {} : { emptied: left }) };
}

/** What a run of `plan` found, as far as the text on a terminal depends on it. */
export function reportOf(
  scopes: readonly Scope<AccessChange>[] = [],
  told: Partial<Plan<AccessChange>> & Partial<Omit<RunReport, 'generators'>> = {},
): RunReport {
  const { command = 'plan', exitCode = 0, dryRun = false, failed = [], skippedNamespaces = [], proposals = [] } = told;
  const { base, pullRequest, ...more } = told;
  const empty = corePlanOf({ config: configOf(), access: [] });
  const plan: Plan<AccessChange> = {
    ...empty,
    held: scopes.flatMap(({ held }) => held),
    kept: scopes.flatMap(({ kept }) => kept),
    files: scopes.flatMap(({ files }) => files),
    ...more,
  };
  return {
    command,
    exitCode,
    dryRun,
    failed,
    skippedNamespaces,
    proposals,
    alerts: told.alerts ?? [],
    generators: [{ generator: rbac, asOf: '2026-11-21T02:57:12.000Z', sources, plan, scopes }],
    ...(base === undefined ? {} : { base }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
  };
}

const sources: readonly SourceState[] = [
  {
    name: 'zms',
    url: 'https://zms.example.com:4443/zms/v1',
    noun: 'domain',
    requests: 70,
    needed: 68,
    read: 67,
    unknown: 1,
  },
];

/** The text of a pull request. */
export function bodyOf(scope: Scope<AccessChange>, facts: BodyFacts = bodyFacts): string {
  return renderBody(scope, rbacWords, facts);
}

/** What a body is told besides its scope. */
export const bodyFacts: BodyFacts = {
  base: 'main',
  owner: 'rbac:/athenz-gitops.yaml',
  asOf: '2026-11-21T02:57:12.345Z',
  sources,
  approvals: [],
};
