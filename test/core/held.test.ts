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

test('a digest approves the removals it was computed for', () => {
  const files = treeOf({ config, access: payments });
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const held = planOf({ config, files, access });
  assert.match(held.heldRemovals ?? '', /^[0-9a-f]{16}$/);
  const accepted = { acceptRemovals: held.heldRemovals ?? '' };
  const approved = planOf({ config, files, access, accepted });
  assert.deepEqual([approved.held, approved.heldRemovals], [[], undefined]);
  assert.deepEqual(bindingsIn(applyPlan(files, approved)), { [admin]: [], [viewer]: ['user.bo'] });
});

for (const [name, given, held] of [
  ['of other removals', { acceptRemovals: '0123456789abcdef' }, true],
  ['of additions that are not held', { acceptAdditions: '0123456789abcdef' }, true],
] as const) {
  test(`a digest ${name} is said to match nothing`, () => {
    const files = treeOf({ config, access: payments });
    const access = [granted(admin, []), granted(viewer, ['user.bo'])];
    const plan = planOf({ config, files, access, accepted: given });
    const kind = 'acceptRemovals' in given ? 'removals' : 'additions';
    assert.deepEqual([plan.unmatched, plan.held.length > 0], [[{ kind, digest: '0123456789abcdef' }], held]);
    const acceptRemovals = plan.heldRemovals ?? '';
    assert.deepEqual(planOf({ config, files, access, accepted: { acceptRemovals } }).unmatched, []);
  });
}

test('a role that loses everybody is left without anyone', () => {
  const open = configOf();
  const files = treeOf({ config: open, access: [...payments, ...search] });
  const left = planOf({ config: open, files, access: [granted(admin, []), granted(viewer, ['user.chen'])] });
  assert.deepEqual(
    left.emptied,
    [{ cluster: 'prod', namespace: 'payments', role: 'k8s_ns_admins' }],
    'not of a namespace that goes',
  );
  const held = planOf({ config, files, access: [granted(admin, []), granted(viewer, []), ...search] });
  assert.deepEqual(held.emptied, [], 'what is held stays');
});

test('an approval stays valid for the same changes of a namespace only', () => {
  const roomy = configOf({ limits: { ...noLimits, maxRemovedGrants: { percent: 0, floor: 1 } } });
  const files = treeOf({ config: roomy, access: [...payments, ...search] });
  const empty = [granted(admin, []), granted(viewer, [])];
  const before = { config: roomy, files, access: [...empty, ...search] };
  const { heldRemovals: acceptRemovals = '' } = planOf(before);
  const approved = planOf({ ...before, accepted: { acceptRemovals } });
  assert.deepEqual(
    approved.letThrough.map(({ digest: _, ...rest }) => rest),
    [{ cluster: 'prod', namespace: 'payments', kind: 'removals', changes: 2 }],
  );
  const accepted = { approvedEarlier: new Set(approved.letThrough.map(({ digest }) => digest)) };
  assert.deepEqual(planOf({ ...before, accepted }), approved);

  // Approved removals no longer count against the limit.
  const elsewhere = [granted('prod/search/k8s_ns_admins', []), granted('prod/search/k8s_ns_viewers', [])];
  const one = planOf({ ...before, access: [...empty, ...elsewhere], accepted });
  assert.deepEqual([one.held, one.letThrough], [[], approved.letThrough]);
  // A smaller set of changes in the namespace needs its own approval.
  const stricter = configOf({ limits: strict });
  const less = planOf({
    config: stricter,
    files,
    access: [granted(admin, []), payments[1] ?? [], ...search].flat(),
    accepted,
  });
  assert.deepEqual([less.held.length, less.letThrough], [1, []]);
});

test('approved removals do not approve additions', () => {
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
  const accepted = { approvedEarlier: new Set(letThrough.map(({ digest }) => digest)) };
  const added = planOf({ config: closed, files: treeOf({ config: open, access: few }), access: payments, accepted });
  assert.equal(letThrough.length, 1);
  assert.deepEqual([added.held.length, added.letThrough], [1, []]);
});

for (const [name, access] of [
  ['an additional removal', [granted(admin, []), granted(viewer, [])]],
  ['a different removal', [granted(admin, ['user.ada']), granted(viewer, [])]],
] as const) {
  test(`a digest approves nothing with ${name}`, () => {
    const files = treeOf({ config, access: payments });
    const acceptRemovals =
      planOf({ config, files, access: [granted(admin, []), granted(viewer, ['user.bo'])] }).heldRemovals ?? '';
    const plan = planOf({ config, files, access, accepted: { acceptRemovals } });
    assert.deepEqual(plan.files, []);
    assert.notEqual(plan.heldRemovals, acceptRemovals);
    assert.equal(plan.held.length, 1);
  });
}

test('the digest depends on cluster, namespace and role', () => {
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

test('a digest can approve emptying a neverEmpty role', () => {
  const guarded = configOf({ limits: { ...strict, maxRemovedGrants: null, neverEmpty: ['k8s_ns_admins'] } });
  const files = treeOf({ config: guarded, access: payments });
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const acceptRemovals = planOf({ config: guarded, files, access }).heldRemovals ?? '';
  assert.deepEqual(
    bindingsIn(applyPlan(files, planOf({ config: guarded, files, access, accepted: { acceptRemovals } })))[admin],
    [],
  );
});

test('a digest is ignored if nothing is held', () => {
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
  test(`a held role removed from the config stays rendered with ${name}`, () => {
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

test('a held role that the new names mode cannot name leaves its file unchanged', () => {
  const files = treeOf({ config, access: payments });
  const operators = configOf({ limits: strict, roles: [admins], names: 'operator' });
  const plan = planOf({ config: operators, files, access: [granted(admin, ['user.ada', 'user.new'])] });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  const heldNames = plan.held.map(({ losses, gains = [] }) => [...losses, ...gains].map(({ subject }) => subject.name));
  assert.deepEqual(heldNames, [['user.bo'], ['user.new']], 'what cannot be written because of it is held too');
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 2, grantsAfter: 2 }]);
});

test('a held role whose Role is missing in the file leaves the file unchanged', () => {
  const [text = ''] = treeOf({ config, access: payments }).values();
  const [header = '', ...documents] = text.split(/^---\n|(?<=EDIT\.\n)/m);
  const files = new Map([['output/prod/payments/rbac.yaml', header + documents.slice(1).join('---\n')]]);
  const plan = planOf({ config: configOf({ limits: strict, roles: [viewers] }), files, access: payments.slice(1) });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  assert.deepEqual(
    plan.held[0]?.losses.map((loss) => loss.subject.name),
    ['user.ada'],
  );
});

test('a held namespace removed from git keeps its file unchanged', () => {
  const files = treeOf({ config, access: [...payments, ...search] });
  const plan = planOf({ config, files, access: search });
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  assert.deepEqual(
    plan.held.map(({ namespace, losses }) => [namespace, losses.length]),
    [['payments', 2]],
  );
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 3, grantsAfter: 3 }]);
  const approved = planOf({ config, files, access: search, accepted: { acceptRemovals: plan.heldRemovals ?? '' } });
  assert.deepEqual(applyPlan(files, approved), treeOf({ config, access: search }));
  assert.deepEqual(approved.held, []);
});

test('a removed namespace without grants is not held', () => {
  const files = treeOf({ config, access: [granted(admin, []), granted(viewer, [])] });
  assert.deepEqual(applyPlan(files, planOf({ config, files, access: [] })), new Map());
});

test('a cluster removed from the config is subject to the limits', () => {
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

test('held removals move with the namespace to its new path', () => {
  const files = treeOf({ config, access: payments });
  const output = { path: 'output/{cluster}/{namespace}.yaml', templates: null, keep: [] };
  const moved = configOf({ limits: strict, output });
  const plan = planOf({ config: moved, files, access: [granted(admin, []), granted(viewer, ['user.bo'])] });
  assert.deepEqual(applyPlan(files, plan), treeOf({ config: moved, access: payments }));
});

test('the digest of additions depends on the permission', () => {
  const closed = { ...noLimits, maxAddedGrants: { percent: 0, floor: 0 } };
  const files = treeOf({ config: configOf({ limits: noLimits }), access: [granted(admin, []), granted(viewer, [])] });
  const digestOf = (roles: readonly RoleConfig[], access: readonly ReturnType<typeof granted>[]) =>
    planOf({ config: configOf({ limits: closed, roles }), files, access }).heldAdditions;
  const access = [granted(admin, []), granted(viewer, ['user.bo'])];
  const edit: RoleConfig = { athenzRole: viewers.athenzRole, clusterRole: 'cluster-admin' };
  const [plain, elevated] = [viewers, edit].map((role) => digestOf([admins, role], access));
  assert.ok(plain !== undefined && elevated !== undefined);
  assert.notEqual(plain, elevated);
});
