import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleConfig } from '../../src/config/types.ts';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
import { admins, bindingsIn, clusterOf, configOf, granted, noLimits, viewers } from '../support/roles.ts';

const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';
const strict = { ...noLimits, maxRemovedGrants: { percent: 0, floor: 0 } };
const config = configOf({ limits: strict });
const payments = [granted(admin, ['user.ada']), granted(viewer, ['user.bo'])];
const search = [granted('prod/search/k8s_ns_admins', ['user.chen']), granted('prod/search/k8s_ns_viewers', [])];

test('a digest lets exactly the removals through that it was given for', () => {
  const files = treeOf({ config, access: payments });
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const held = planOf({ config, files, access });
  assert.match(held.heldRemovals ?? '', /^[0-9a-f]{16}$/);
  const accepted = { acceptRemovals: held.heldRemovals ?? '' };
  const through = planOf({ config, files, access, accepted });
  assert.deepEqual([through.held, through.heldRemovals], [[], undefined]);
  assert.deepEqual(bindingsIn(applyPlan(files, through)), { [admin]: [], [viewer]: ['user.bo'] });
});

test('what was let through stays so while it is proposed: the same changes of a namespace, and no others', () => {
  const roomy = configOf({ limits: { ...noLimits, maxRemovedGrants: { percent: 0, floor: 1 } } });
  const files = treeOf({ config: roomy, access: [...payments, ...search] });
  const gone = [granted(admin, []), granted(viewer, [])];
  const before = { config: roomy, files, access: [...gone, ...search] };
  const { heldRemovals: acceptRemovals = '' } = planOf(before);
  const through = planOf({ ...before, accepted: { acceptRemovals } });
  assert.deepEqual(
    through.letThrough.map(({ digest: _, ...rest }) => rest),
    [{ cluster: 'prod', namespace: 'payments', kind: 'removals', changes: 2 }],
  );
  const accepted = { before: new Set(through.letThrough.map(({ digest }) => digest)) };
  assert.deepEqual(planOf({ ...before, accepted }), through);

  // One loss elsewhere is within the limit, as those that were looked at do not count any more.
  const elsewhere = [granted('prod/search/k8s_ns_admins', []), granted('prod/search/k8s_ns_viewers', [])];
  const one = planOf({ ...before, access: [...gone, ...elsewhere], accepted });
  assert.deepEqual([one.held, one.letThrough], [[], through.letThrough]);
  // Another set of the same namespace is not what was looked at, though smaller.
  const stricter = configOf({ limits: strict });
  const less = planOf({
    config: stricter,
    files,
    access: [granted(admin, []), payments[1] ?? [], ...search].flat(),
    accepted,
  });
  assert.deepEqual([less.held.length, less.letThrough], [1, []]);
});

test('what was let through of removals lets no additions through', () => {
  const closed = configOf({ limits: { ...strict, maxAddedGrants: { percent: 0, floor: 0 } } });
  const few = [granted(admin, []), granted(viewer, ['user.bo'])];
  const open = configOf({ limits: noLimits });
  const full = treeOf({ config: open, access: payments });
  const removed = planOf({ config: closed, files: full, access: few });
  const { letThrough } = planOf({
    config: closed,
    files: full,
    access: few,
    accepted: { acceptRemovals: removed.heldRemovals ?? '' },
  });
  const accepted = { before: new Set(letThrough.map(({ digest }) => digest)) };
  const added = planOf({ config: closed, files: treeOf({ config: open, access: few }), access: payments, accepted });
  assert.equal(letThrough.length, 1);
  assert.deepEqual([added.held.length, added.letThrough], [1, []]);
});

for (const [name, access] of [
  ['another removal more', [granted(admin, []), granted(viewer, [])]],
  ['another removal instead', [granted(admin, ['user.ada']), granted(viewer, [])]],
] as const) {
  test(`a digest lets nothing through when there is ${name}`, () => {
    const files = treeOf({ config, access: payments });
    const acceptRemovals =
      planOf({ config, files, access: [granted(admin, []), granted(viewer, ['user.bo'])] }).heldRemovals ?? '';
    const plan = planOf({ config, files, access, accepted: { acceptRemovals } });
    assert.deepEqual(plan.files, []);
    assert.notEqual(plan.heldRemovals, acceptRemovals);
    assert.equal(plan.held.length, 1);
  });
}

test('a digest names the place too: the same person leaving elsewhere is another removal', () => {
  const both = configOf({ limits: strict, clusters: [clusterOf('dev'), clusterOf('prod')] });
  const everywhere = ['dev/web', 'prod/web', 'prod/api'].flatMap((place) => [
    granted(`${place}/k8s_ns_admins` as typeof admin, ['user.ada']),
    granted(`${place}/k8s_ns_viewers` as typeof admin, ['user.ada']),
  ]);
  const files = treeOf({ config: both, access: everywhere });
  const digests = everywhere.map((role) => {
    const access = everywhere.map((it) => (it === role ? granted(`${it.cluster}/${it.namespace}/${it.role}`, []) : it));
    return planOf({ config: both, files, access }).heldRemovals;
  });
  assert.equal(new Set(digests).size, everywhere.length);
});

test('an accepted digest lets a role become empty that never may', () => {
  const guarded = configOf({ limits: { ...strict, maxRemovedGrants: null, neverEmpty: ['k8s_ns_admins'] } });
  const files = treeOf({ config: guarded, access: payments });
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const acceptRemovals = planOf({ config: guarded, files, access }).heldRemovals ?? '';
  assert.deepEqual(
    bindingsIn(applyPlan(files, planOf({ config: guarded, files, access, accepted: { acceptRemovals } })))[admin],
    [],
  );
});

test('a digest when nothing is held changes nothing', () => {
  const files = treeOf({ config, access: payments });
  const plan = planOf({ config, files, access: payments, accepted: { acceptRemovals: '0123456789abcdef' } });
  assert.deepEqual([plan.files, plan.held, plan.heldRemovals], [[], [], undefined]);
});

for (const [name, former] of [
  [
    'its own rules',
    { athenzRole: 'k8s_ns_viewers', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  ['a ClusterRole', viewers],
] as const satisfies readonly (readonly [string, RoleConfig])[]) {
  test(`a role that left the config and is held stays rendered with ${name}, beside what goes on`, () => {
    const files = treeOf({ config: configOf({ roles: [admins, former] }), access: payments });
    const plan = planOf({
      config: configOf({ limits: strict, roles: [admins] }),
      files,
      access: [granted(admin, ['user.ada', 'user.new'])],
    });
    const merged = applyPlan(files, plan);
    const expected = treeOf({
      config: configOf({ roles: [admins, former] }),
      access: [granted(admin, ['user.ada', 'user.new']), granted(viewer, ['user.bo'])],
    });
    assert.deepEqual(merged, expected);
    assert.deepEqual(
      plan.held.map(({ code, losses }) => [code, losses[0]?.subject.name, losses[0]?.reason]),
      [['LIMIT_REMOVED_GRANTS', 'user.bo', 'role-unconfigured']],
    );
  });
}

test('a role that is held but that the config has no names for any more keeps its namespace to the byte', () => {
  const files = treeOf({ config, access: payments });
  const operators = configOf({ limits: strict, roles: [admins], names: 'operator' });
  const plan = planOf({ config: operators, files, access: [granted(admin, ['user.ada', 'user.new'])] });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  assert.equal(plan.held.length, 1);
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 2, grantsAfter: 2 }]);
});

test('a role that is held although its Role is gone from the file keeps its namespace to the byte', () => {
  const [text = ''] = treeOf({ config, access: payments }).values();
  const [header = '', ...documents] = text.split(/^---\n|(?<=config\.\n)/m);
  const files = new Map([['output/prod/payments/rbac.yaml', header + documents.slice(1).join('---\n')]]);
  const plan = planOf({ config: configOf({ limits: strict, roles: [viewers] }), files, access: payments.slice(1) });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  assert.deepEqual(
    plan.held[0]?.losses.map((loss) => loss.subject.name),
    ['user.ada'],
  );
});

test('a namespace that left and is held stays to the byte, its people and all', () => {
  const files = treeOf({ config, access: [...payments, ...search] });
  const plan = planOf({ config, files, access: search });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  assert.deepEqual(
    plan.held.map(({ namespace, losses }) => [namespace, losses.length]),
    [['payments', 2]],
  );
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 3, grantsAfter: 3 }]);
  const through = planOf({ config, files, access: search, accepted: { acceptRemovals: plan.heldRemovals ?? '' } });
  assert.deepEqual([...applyPlan(files, through).keys()], ['output/prod/search/rbac.yaml']);
});

test('a namespace that left with nobody in it goes, whatever the limits say', () => {
  const files = treeOf({ config, access: [granted(admin, []), granted(viewer, [])] });
  assert.deepEqual(applyPlan(files, planOf({ config, files, access: [] })), new Map());
});

test('a cluster that left the config is held by the same limits', () => {
  const both = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')] });
  const dev = [granted('dev/web/k8s_ns_admins', ['user.ada']), granted('dev/web/k8s_ns_viewers', [])];
  const files = treeOf({ config: both, access: [...dev, ...payments] });
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual(plan.files, []);
  assert.deepEqual(
    plan.held.map(({ cluster, losses }) => [cluster, losses[0]?.reason]),
    [['dev', 'cluster-left']],
  );
});

test('what is held in a namespace that moves stays with it at its new path', () => {
  const files = treeOf({ config, access: payments });
  const output = { path: 'output/{cluster}/{namespace}.yaml', templates: null, keep: [] };
  const moved = configOf({ limits: strict, output });
  const plan = planOf({ config: moved, files, access: [granted(admin, []), granted(viewer, ['user.bo'])] });
  assert.deepEqual(applyPlan(files, plan), treeOf({ config: moved, access: payments }));
});

test('additions of another permission, or without an end, are others than were let through', () => {
  const closed = { ...noLimits, maxAddedGrants: { percent: 0, floor: 0 } };
  const files = treeOf({ config: configOf({ limits: noLimits }), access: [granted(admin, []), granted(viewer, [])] });
  const digestOf = (roles: readonly RoleConfig[], access: readonly ReturnType<typeof granted>[]) =>
    planOf({ config: configOf({ limits: closed, roles }), files, access }).heldAdditions;
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const edit: RoleConfig = { athenzRole: viewers.athenzRole, clusterRole: 'cluster-admin' };
  const [plain, mighty] = [viewers, edit].map((role) => digestOf([admins, role], access));
  assert.ok(plain !== undefined && mighty !== undefined);
  assert.notEqual(plain, mighty);
});
