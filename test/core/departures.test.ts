import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyLose } from '../../src/generators/rbac/words/access.ts';
import { applyPlan, inventoryProblem, type PlanView, planOf, treeOf } from '../support/planning.ts';
import { admins, bindingsIn, clusterOf, configOf, granted, viewers } from '../support/roles.ts';

const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';
const payments = [granted(admin, ['user.ada']), granted(viewer, ['user.bo'])];
const search = [granted('prod/search/k8s_ns_admins', ['user.chen']), granted('prod/search/k8s_ns_viewers', [])];
const dev = [granted('dev/payments/k8s_ns_admins', ['user.ada']), granted('dev/payments/k8s_ns_viewers', [])];
const config = configOf();
const both = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')] });

/** `user.ada prod/payments/k8s_ns_admins: namespace-left` for each loss; a proven one ends in `!`. */
function losses({ changes }: PlanView): readonly string[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'lose') return [];
    const { cluster, namespace, role, subject, reason, proven } = change;
    return [`${subject.name} ${cluster}/${namespace}/${role}: ${reason}${proven ? '!' : ''}`];
  });
}

test('a namespace removed from git loses its file and all grants', () => {
  const files = treeOf({ config, access: [...payments, ...search] });
  const plan = planOf({ config, files, access: search });
  assert.deepEqual(losses(plan), [`user.ada ${admin}: namespace-left`, `user.bo ${viewer}: namespace-left`]);
  assert.deepEqual(
    plan.files.map(({ path, namespace, after }) => ({ path, namespace, after })),
    [{ path: 'output/prod/payments/rbac.yaml', namespace: 'payments', after: undefined }],
  );
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 3, grantsAfter: 1 }]);
});

for (const [by, reason, words] of [
  ['config', 'namespace-excluded', 'the namespace is excluded by clusters[].namespaces.exclude'],
  ['system', 'namespace-system', 'the namespace is a system namespace, which is always excluded'],
  ['deletion', 'namespace-deleted', 'the namespace is being deleted'],
] as const) {
  test(`a namespace that is left out says why: ${words}`, () => {
    const files = treeOf({ config, access: [...payments, ...search] });
    const plan = planOf({ config, files, access: search, excluded: [{ name: 'payments', by }] });
    assert.deepEqual(losses(plan), [`user.ada ${admin}: ${reason}`, `user.bo ${viewer}: ${reason}`]);
    assert.equal(
      whyLose({ reason }, (text) => text),
      words,
    );
    assert.deepEqual(plan.skippedNamespaces, [{ cluster: 'prod', namespaces: ['payments'], files: [] }]);
  });
}

test('an incomplete inventory removes no namespace and is reported', () => {
  const files = treeOf({ config, access: [...payments, ...search] });
  const access = [granted('prod/search/k8s_ns_admins', ['user.chen', 'user.dara']), ...search.slice(1)];
  const plan = planOf({ config, files, access, incomplete: ['prod'] });
  assert.deepEqual(losses(plan), []);
  assert.deepEqual(
    plan.files.map((file) => file.path),
    ['output/prod/search/rbac.yaml'],
  );
  assert.deepEqual(plan.kept, [{ cluster: 'prod', problem: inventoryProblem }]);
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 3, grantsAfter: 4 }]);
});

test('an incomplete inventory does not affect other clusters', () => {
  const files = treeOf({ config: both, access: [...dev, ...payments] });
  const plan = planOf({ config: both, files, access: [], incomplete: ['dev'] });
  assert.deepEqual(Object.keys(bindingsIn(applyPlan(files, plan))), [
    'dev/payments/k8s_ns_admins',
    'dev/payments/k8s_ns_viewers',
  ]);
});

test('an empty incomplete inventory removes nothing', () => {
  const files = treeOf({ config, access: [...payments, ...search] });
  assert.deepEqual(planOf({ config, files, access: [], incomplete: ['prod'] }).files, []);
});

test('a role removed from the config is removed from its file', () => {
  const files = treeOf({ config, access: payments });
  const plan = planOf({ config: configOf({ roles: [admins] }), files, access: payments.slice(0, 1) });
  assert.deepEqual(losses(plan), [`user.bo ${viewer}: role-unconfigured`]);
  assert.deepEqual(bindingsIn(applyPlan(files, plan)), { [admin]: ['user.ada'] });
});

test('a role removed from the config loses the file of its own', () => {
  const output = { path: 'output/{cluster}/{namespace}/{role}.yaml', templates: null, keep: [] };
  const files = treeOf({ config: configOf({ output }), access: payments });
  const plan = planOf({ config: configOf({ output, roles: [viewers] }), files, access: payments.slice(1) });
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after]),
    [['output/prod/payments/k8s_ns_admins.yaml', undefined]],
  );
  assert.deepEqual(losses(plan), [`user.ada ${admin}: role-unconfigured`]);
});

test('a cluster removed from the config loses all its files', () => {
  const files = treeOf({ config: both, access: [...dev, ...payments] });
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual(losses(plan), ['user.ada dev/payments/k8s_ns_admins: cluster-left']);
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after]),
    [['output/dev/payments/rbac.yaml', undefined]],
  );
  assert.deepEqual(plan.totals.at(-1), { cluster: 'dev', namespaces: 0, grantsBefore: 1, grantsAfter: 0 });
});

test('a run for selected clusters leaves other clusters alone', () => {
  const files = treeOf({ config: both, access: [...dev, ...payments] });
  const plan = planOf({ config, files, access: [], filtered: true });
  assert.deepEqual(
    plan.files.map((file) => file.path),
    ['output/prod/payments/rbac.yaml'],
  );
  assert.deepEqual(
    plan.totals.map((total) => total.cluster),
    ['prod'],
  );
});

test('a cluster name that is a prefix of another does not match it', () => {
  const clusters = configOf({ clusters: [clusterOf('pro'), clusterOf('prod')] });
  const files = treeOf({ config: clusters, access: payments });
  assert.deepEqual(
    planOf({ config: configOf({ clusters: [clusterOf('pro')] }), filtered: true, files, access: [] }).files,
    [],
  );
});

test('a file outside the path template is not removed with its cluster', () => {
  const [text = ''] = treeOf({ config, access: payments }).values();
  const files = new Map([['output/staging/notes/payments/rbac.yaml', text]]);
  assert.deepEqual(planOf({ config, files, access: [] }).files, []);
});

test('a foreign file of a removed cluster is neither held nor removed', () => {
  const files = new Map([['output/staging/payments/rbac.yaml', 'kind: Role\n']]);
  const plan = planOf({ config, files, access: [] });
  assert.deepEqual([plan.files, plan.held], [[], []]);
});

test('a new output path moves the file without gains or losses', () => {
  const files = treeOf({ config, access: payments });
  const output = { path: 'output/{cluster}/{namespace}.yaml', templates: null, keep: [] };
  const plan = planOf({ config: configOf({ output }), files, access: payments });
  assert.deepEqual(plan.changes, []);
  assert.deepEqual(
    plan.files.map(({ path, before, after }) => [path, before === undefined, after === undefined]),
    [
      ['output/prod/payments.yaml', true, false],
      ['output/prod/payments/rbac.yaml', false, true],
    ],
  );
});

test('a role in two managed files is counted once and loses the old subjects', () => {
  const output = { path: 'output/{cluster}/{namespace}.yaml', templates: null, keep: [] };
  const moved = configOf({ output });
  const old = [granted(admin, ['user.dara']), granted(viewer, ['user.bo'])];
  const files = treeOf({ config, access: old }, { config: moved, access: payments });
  const plan = planOf({ config: moved, files, access: payments });
  assert.deepEqual(losses(plan), [`user.dara ${admin}: origin-unknown`]);
  assert.equal(plan.changes.length, 1, 'subjects of the remaining file gain nothing');
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 3, grantsAfter: 2 }]);
  const removed = planOf({ config: moved, files, access: [] });
  assert.equal(losses(removed).length, 3, 'not counted twice when the namespace is removed');
  assert.equal(removed.files.length, 2);
});
