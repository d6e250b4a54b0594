import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldAccess } from '../../src/model/access.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { applyPlan, type PlanView, planOf, type Situation, treeOf } from '../support/planning.ts';
import { admins, bindingsIn, clusterOf, configOf, ended, granted, noLimits, viewers } from '../support/roles.ts';

const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';

/** A config with this limit on added grants. */
function share(percent: number, floor: number, more: Partial<Situation['config']['limits']> = {}) {
  return configOf({ limits: { ...noLimits, maxAddedGrants: { percent, floor }, ...more } });
}

const strict = share(0, 0);

/** `user.n0`, `user.n1` … */
function people(amount: number, from = 0): readonly string[] {
  return Array.from({ length: amount }, (_, index) => `user.n${from + index}`);
}

/** A namespace with these admins and no viewers. */
function team(namespace: string, members: readonly string[]): readonly RoleAccess[] {
  return [granted(`prod/${namespace}/k8s_ns_admins`, members), granted(`prod/${namespace}/k8s_ns_viewers`, [])];
}

function code({ code: it, namespace, losses, gains = [] }: HeldAccess): string {
  return `${it} ${namespace}: ${losses.length}/${gains.length}`;
}

function summary({ changes }: PlanView): readonly string[] {
  return changes.flatMap((it) => ('subject' in it ? [`${it.kind} ${it.namespace} ${it.subject.name}`] : [it.kind]));
}

for (const [name, config, grants, more, holds] of [
  ['at the floor', share(0, 10), 4, 10, false],
  ['one over the floor', share(0, 10), 4, 11, true],
  ['at the percentage', share(25, 0), 40, 10, false],
  ['one over the percentage', share(25, 0), 40, 11, true],
  ['at a percentage that is rounded down', share(25, 0), 43, 10, false],
  ['one over a rounded percentage', share(25, 0), 43, 11, true],
  ['with nothing allowed', strict, 0, 1, true],
  ['with the limit off', configOf({ limits: { ...noLimits, maxSubjects: 2900 } }), 1, 2000, false],
] as const) {
  test(`adding ${more} to ${grants} grants, ${name}, is ${holds ? 'held' : 'not held'}`, () => {
    const files = treeOf({ config: configOf(), access: team('payments', people(grants)) });
    const plan = planOf({ config, files, access: team('payments', people(grants + more)) });
    assert.deepEqual(plan.held.map(code), holds ? [`LIMIT_ADDED_GRANTS payments: 0/${more}`] : []);
    assert.equal(summary(plan).length, holds ? 0 : more);
    assert.deepEqual([plan.heldAdditions !== undefined, plan.heldRemovals], [holds, undefined]);
    assert.equal(plan.totals[0]?.grantsAfter, holds ? grants : grants + more);
  });
}

test('the percentage is of all grants of the cluster in the base', () => {
  const calm = team('calm', people(90));
  const files = treeOf(
    { config: strict, access: [...calm, ...team('payments', [])] },
    { config: configOf(), access: calm },
  );
  const after = [...calm, ...team('payments', people(9))];
  assert.deepEqual(planOf({ config: share(10, 0), files, access: after }).held, []);
  assert.equal(planOf({ config: share(9, 0), files, access: after }).held.length, 1);
});

test('too many additions hold all additions of the cluster, but no removals', () => {
  const config = share(0, 2);
  const before = [...team('a', people(1)), ...team('b', people(3)), ...team('c', people(2))];
  const files = treeOf({ config: configOf(), access: before });
  const access = [...team('a', people(3)), ...team('b', people(1)), ...team('c', people(3))];
  const plan = planOf({ config, files, access });
  assert.deepEqual(plan.held.map(code), ['LIMIT_ADDED_GRANTS a: 0/2', 'LIMIT_ADDED_GRANTS c: 0/1']);
  assert.deepEqual(summary(plan), ['lose b user.n1', 'lose b user.n2']);
  assert.match(plan.held[0]?.message ?? '', /^3 additions in prod exceed limits\.maxAddedGrants \(2 of 6 grants\)$/);
});

test('the limit applies per cluster', () => {
  const clusters = [clusterOf('dev'), clusterOf('prod')];
  const config = configOf({ clusters, limits: share(0, 1).limits });
  const roles = (dev: number, prod: number) => [
    granted('dev/payments/k8s_ns_admins', people(dev)),
    granted('dev/payments/k8s_ns_viewers', []),
    ...team('payments', people(prod)),
  ];
  const files = treeOf({ config, access: roles(1, 1) });
  const plan = planOf({ config, files, access: roles(3, 2) });
  assert.deepEqual(
    plan.held.map((held) => `${held.cluster} ${code(held)}`),
    ['dev LIMIT_ADDED_GRANTS payments: 0/2'],
  );
  assert.deepEqual(
    plan.changes.map(({ cluster }) => cluster),
    ['prod'],
  );
});

test('held additions do not hold losses and new rules of the namespace', () => {
  const files = treeOf({ config: configOf(), access: [granted(admin, people(4)), granted(viewer, people(2))] });
  const roles = [{ ...viewers, clusterRole: 'edit' }, admins];
  const config = configOf({ roles, limits: strict.limits });
  const dropped = [ended('suspended', 'user.n0')];
  const access = [granted(admin, ['user.n2', 'user.n3', 'user.new'], { dropped }), granted(viewer, people(2))];
  const plan = planOf({ config, files, access });
  assert.deepEqual(summary(plan), ['lose payments user.n0', 'lose payments user.n1', 'permission']);
  const expected = [granted(admin, ['user.n2', 'user.n3']), granted(viewer, people(2))];
  assert.deepEqual(applyPlan(files, plan), treeOf({ config: configOf({ roles }), access: expected }));
  assert.deepEqual(
    plan.held.map(({ gains = [] }) => gains.map(({ subject }) => subject.name)),
    [['user.new']],
  );
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 6, grantsAfter: 4 }]);
});

test('a new role with held additions is not rendered', () => {
  // An empty list would revoke a binding that is being adopted.
  const files = treeOf({ config: configOf({ roles: [admins] }), access: [granted(admin, ['user.a'])] });
  const access = [granted(admin, ['user.a', 'user.b']), granted(viewer, ['user.c'])];
  const plan = planOf({ config: strict, files, access });
  assert.deepEqual([plan.files, plan.held.map(code)], [[], ['LIMIT_ADDED_GRANTS payments: 0/2']]);
});

test('a new namespace that is held gets only its empty roles', () => {
  const plan = planOf({ config: strict, access: [granted(admin, ['user.a']), granted(viewer, [])] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [viewer]: [] });
  const all = planOf({ config: strict, access: [granted(admin, ['user.a']), granted(viewer, ['user.a'])] });
  assert.deepEqual([all.files, all.held.map(code)], [[], ['LIMIT_ADDED_GRANTS payments: 0/2']]);
});

test('a held addition leaves an empty role in the tree empty', () => {
  const files = treeOf({ config: strict, access: team('payments', []) });
  const plan = planOf({ config: strict, files, access: [granted(admin, ['user.a']), granted(viewer, [])] });
  assert.deepEqual([plan.files, plan.held.length], [[], 1]);
});

test('a neverEmpty role keeps its last member if the new one is held', () => {
  const config = share(0, 0, { neverEmpty: ['k8s_ns_admins'] });
  const files = treeOf({ config: configOf(), access: team('payments', ['user.a']) });
  const situation = { config, files, access: team('payments', ['user.b']) };
  const plan = planOf(situation);
  assert.deepEqual(plan.held.map(code), ['LIMIT_ADDED_GRANTS payments: 0/1', 'LIMIT_NEVER_EMPTY payments: 1/0']);
  assert.deepEqual(plan.files, []);
  const approved = planOf({ ...situation, accepted: { acceptAdditions: plan.heldAdditions ?? '' } });
  assert.deepEqual([approved.held, summary(approved)], [[], ['gain payments user.b', 'lose payments user.a']]);
});

test('additions of a role over maxSubjects do not count, and cannot be approved', () => {
  const config = share(0, 1, { maxSubjects: 3 });
  const files = treeOf({ config: configOf(), access: [...team('payments', people(1)), ...team('web', people(1))] });
  const plan = planOf({ config, files, access: [...team('payments', people(4)), ...team('web', people(2))] });
  assert.deepEqual(plan.held.map(code), ['LIMIT_SUBJECTS payments: 0/3']);
  assert.deepEqual([summary(plan), plan.heldAdditions], [['gain web user.n1'], undefined]);
});

test('a digest approves exactly its additions, and no removals', () => {
  const config = share(0, 0, { maxRemovedGrants: { percent: 0, floor: 0 } });
  const files = treeOf({ config: configOf(), access: team('payments', ['user.a', 'user.b']) });
  const access = team('payments', ['user.b', 'user.c']);
  const { heldAdditions: acceptAdditions = '', heldRemovals: acceptRemovals = '' } = planOf({ config, files, access });
  assert.match(acceptAdditions, /^[0-9a-f]{16}$/);
  const membersAfter = (accepted: Situation['accepted'] & object, members = access) =>
    bindingsIn(applyPlan(files, planOf({ config, files, access: members, accepted })))[admin];
  assert.deepEqual(membersAfter({ acceptAdditions }), ['user.a', 'user.b', 'user.c']);
  assert.deepEqual(membersAfter({ acceptRemovals }), ['user.b']);
  assert.deepEqual(membersAfter({ acceptRemovals: acceptAdditions, acceptAdditions: acceptRemovals }), [
    'user.a',
    'user.b',
  ]);
  assert.deepEqual(membersAfter({ acceptRemovals, acceptAdditions }), ['user.b', 'user.c']);
  for (const other of [
    ['user.b', 'user.d'],
    ['user.b', 'user.c', 'user.d'],
  ]) {
    assert.deepEqual(membersAfter({ acceptAdditions }, team('payments', other)), ['user.a', 'user.b'], other.join());
  }
});

test('the digest does not depend on the order of clusters', () => {
  const access = ['dev', 'prod'].flatMap((cluster) => [
    granted(`${cluster}/web/k8s_ns_admins`, ['user.ada']),
    granted(`${cluster}/web/k8s_ns_viewers`, ['user.bo']),
  ]);
  const [one, other] = [
    ['dev', 'prod'],
    ['prod', 'dev'],
  ].map((names) => {
    const config = configOf({ limits: strict.limits, clusters: names.map((name) => clusterOf(name)) });
    return planOf({ config, access }).heldAdditions;
  });
  assert.ok(one !== undefined);
  assert.equal(one, other);
});

test('the digest depends on cluster, namespace and role', () => {
  const config = configOf({ limits: strict.limits, clusters: [clusterOf('dev'), clusterOf('prod')] });
  const places = ['dev/web', 'prod/web', 'prod/api'].flatMap((place) => [
    granted(`${place}/k8s_ns_admins` as typeof admin, []),
    granted(`${place}/k8s_ns_viewers` as typeof admin, []),
  ]);
  const files = treeOf({ config, access: places });
  const digests = places.map((role) => {
    const { cluster, namespace } = role;
    const one = granted(`${cluster}/${namespace}/${role.role}`, ['user.ada']);
    return planOf({ config, files, access: places.map((it) => (it === role ? one : it)) }).heldAdditions;
  });
  assert.equal(new Set(digests).size, places.length);
});
