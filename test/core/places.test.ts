import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitScopes } from '../../src/core/scope.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { headerLine } from '../../src/model/manifest.ts';
import { applyPlan, corePlanOf, type PlanView, planOf, treeOf } from '../support/planning.ts';
import { bindingsIn, configOf, granted, noLimits } from '../support/roles.ts';

const config = configOf();
const rbacPath = 'output/prod/payments/rbac.yaml';
const admin = 'prod/payments/k8s_ns_admins';
const payments = [granted(admin, ['user.ada']), granted('prod/payments/k8s_ns_viewers', [])];
const search = [granted('prod/search/k8s_ns_admins', ['user.bo']), granted('prod/search/k8s_ns_viewers', [])];
const managed = treeOf({ config, access: payments }).get(rbacPath) ?? '';

/** Code and namespace of everything held. */
function held(plan: PlanView): readonly string[] {
  return plan.held.map((it) => `${it.code} ${it.namespace ?? '-'}`);
}

for (const [name, text] of [
  ['without the header', 'kind: RoleBinding\n'],
  ['with the header further down', `\n${managed}`],
  ['with a longer header line', `${headerLine} No!\n${managed}`],
  ['that is empty', ''],
  ['that is a symlink', '->../search/rbac.yaml'],
  ['that is a symlink whose target looks managed', `->${managed}`],
] as const) {
  test(`a file ${name} holds its namespace`, () => {
    const files = new Map([[rbacPath, text]]);
    const plan = planOf({ config, files, access: [...payments, ...search] });
    assert.deepEqual(held(plan), ['OUTPUT_FOREIGN payments']);
    assert.match(plan.held[0]?.message ?? '', /output\/prod\/payments\/rbac\.yaml/);
    assert.deepEqual(
      plan.files.map((file) => file.path),
      ['output/prod/search/rbac.yaml'],
    );
    assert.ok(plan.changes.every((change) => change.namespace === 'search'));
  });
}

for (const path of ['output/prod/notes.txt', 'output/prod/payments/extra.yaml', 'output/prod/gone/rbac.yaml']) {
  test(`a foreign file at ${path} is reported and kept`, () => {
    const files = new Map([[path, 'kind: Role\n']]);
    const plan = planOf({ config, files, access: payments });
    assert.deepEqual(held(plan), ['OUTPUT_FOREIGN -']);
    assert.match(plan.held[0]?.message ?? '', new RegExp(path));
    assert.deepEqual(Object.keys(bindingsIn(applyPlan(new Map(), plan))).length, 2);
    assert.ok(applyPlan(files, plan).has(path));
  });
}

for (const path of ['output/prod/../rbac.yaml', 'output/prod/.git/rbac.yaml', 'output/prod//rbac.yaml']) {
  test(`a rendered file at ${path} is held and named, as git cannot change it`, () => {
    const files = new Map([
      [rbacPath, managed],
      [path, managed],
    ]);
    const plan = planOf({ config, files, access: payments });
    assert.deepEqual(held(plan), ['OUTPUT_PATH -']);
    assert.ok(plan.held[0]?.message.includes(path));
    assert.deepEqual(plan.files, []);
  });
}

test('scopes of two removals that differ in one byte have different digests', () => {
  const digests = ['output/prod/caf\udce8/rbac.yaml', 'output/prod/caf\udce9/rbac.yaml'].map((path) => {
    const files = new Map([
      [rbacPath, managed],
      [path, managed],
    ]);
    return splitScopes(corePlanOf({ config, files, access: payments }), rbac, { groupBy: 'all' })[0]?.digest;
  });
  assert.notEqual(digests[0], digests[1]);
});

test('a foreign file that matches output.keep is ignored', () => {
  const keep = ['output/**/kustomization.yaml', 'output/*/*keep'];
  const kept = configOf({ output: { ...config.output, keep } });
  const files = new Map([
    ['output/prod/kustomization.yaml', 'resources: []\n'],
    ['output/prod/payments/kustomization.yaml', '->../kustomization.yaml'],
    ['output/prod/.gitkeep', ''],
  ]);
  const plan = planOf({ config: kept, files, access: [] });
  assert.deepEqual([plan.held, plan.files], [[], []]);
});

test('output.keep does not cover the path of a namespace', () => {
  const kept = configOf({ output: { ...config.output, keep: ['output/**'] } });
  const plan = planOf({ config: kept, files: new Map([[rbacPath, 'kind: Role\n']]), access: payments });
  assert.deepEqual(held(plan), ['OUTPUT_FOREIGN payments']);
  assert.deepEqual(plan.files, []);
});

test('output.keep does not keep managed files', () => {
  const kept = configOf({ output: { ...config.output, keep: ['output/**'] } });
  const plan = planOf({ config: kept, files: new Map([[rbacPath, managed]]), access: [] });
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after]),
    [[rbacPath, undefined]],
  );
});

for (const [name, obstacle] of [
  ['symlink', '->../../elsewhere'],
  ['file', 'not a folder'],
  ['managed file', managed],
] as const) {
  test(`a ${name} at the path of a namespace folder holds the namespace`, () => {
    const files = new Map([['output/prod/payments', obstacle]]);
    const plan = planOf({ config, files, access: [...payments, ...search] });
    assert.ok(held(plan).includes('OUTPUT_FOREIGN payments'), held(plan).join());
    assert.deepEqual(
      plan.files.map((file) => file.path),
      ['output/prod/search/rbac.yaml'],
    );
  });
}

for (const [name, files] of [
  ['foreign file', { 'output/prod/Payments/rbac.yaml': 'kind: Role\n' }],
  ['managed file in another folder', { 'output/Prod/payments/rbac.yaml': managed }],
  ['managed file that cannot be parsed', { 'output/prod/payments/RBAC.yaml': `${headerLine}\nkind: [\n` }],
  [
    'managed file with two namespaces',
    {
      'output/prod/payments/Rbac.yaml':
        managed + managed.replace(headerLine, '---').replaceAll('"payments"', '"search"'),
    },
  ],
] as const) {
  test(`case collision with a ${name} holds the namespace`, () => {
    for (const existing of [{}, { [rbacPath]: managed }]) {
      const plan = planOf({
        config,
        files: new Map(Object.entries({ ...files, ...existing })),
        access: [...payments, ...search],
      });
      assert.deepEqual(held(plan), ['OUTPUT_COLLISION payments']);
      for (const path of [rbacPath, ...Object.keys(files)]) assert.ok(plan.held[0]?.message.includes(path));
      assert.deepEqual(
        plan.files.map((file) => file.path),
        ['output/prod/search/rbac.yaml'],
      );
    }
  });
}

test('a managed file whose path differs only in case is moved without changes', () => {
  const files = new Map([['output/prod/payments/RBAC.yaml', managed]]);
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual([plan.held, plan.changes], [[], []]);
  assert.deepEqual(applyPlan(files, plan), new Map([[rbacPath, managed]]));
});

for (const [name, text] of [
  ['broken YAML', `${headerLine}\nkind: [\n`],
  ['only the header', `${headerLine}\n`],
  ['an object that is not RBAC', `${managed}---\nkind: Secret\n`],
  ['an unknown field', managed.replace('roleRef:', 'extra: 1\nroleRef:')],
  ['a number as user name', managed.replace('name: "user.ada"', 'name: 7')],
] as const) {
  test(`a managed file with ${name} holds its namespace unchanged`, () => {
    const files = new Map([[rbacPath, text]]);
    for (const access of [payments, [granted(admin, []), ...payments.slice(1)]]) {
      const plan = planOf({ config, files, access: [...access, ...search] });
      assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE payments']);
      assert.equal(applyPlan(files, plan).get(rbacPath), text);
      assert.ok(applyPlan(files, plan).has('output/prod/search/rbac.yaml'));
    }
  });
}

test('an unparsable managed file stays when its namespace is removed', () => {
  const files = new Map([[rbacPath, `${headerLine}\nkind: [\n`]]);
  const plan = planOf({ config, files, access: search });
  assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE -']);
  assert.equal(applyPlan(files, plan).get(rbacPath), `${headerLine}\nkind: [\n`);
});

test('a managed file of another namespace holds the namespace at its path', () => {
  const files = new Map([[rbacPath, managed.replaceAll('"payments"', '"search"')]]);
  const plan = planOf({ config, files, access: [...payments, ...search] });
  assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE payments']);
  assert.match(plan.held[0]?.message ?? '', /it is about search/);
  assert.ok(plan.changes.every((change) => change.kind === 'gain' && change.namespace === 'search'));
});

test('a managed file with two namespaces is held at any path', () => {
  const mixed = managed + managed.replaceAll('"payments"', '"search"').replace(headerLine, '---');
  for (const path of [rbacPath, 'output/prod/old.yaml']) {
    const files = new Map([[path, mixed]]);
    const plan = planOf({ config, files, access: payments });
    assert.equal(plan.held[0]?.code, 'OUTPUT_UNPARSABLE');
    assert.equal(applyPlan(files, plan).get(path), mixed);
  }
});

test('a role name in a managed file cannot escape its folder', () => {
  const output = { path: 'output/{cluster}/{namespace}/{role}.yaml', templates: null, keep: [] };
  const limits = { ...noLimits, maxRemovedGrants: { percent: 0, floor: 0 } };
  for (const name of ['../../../../escaped', 'a/../../b', '..', 'A', 'a\\u002f..']) {
    const files = new Map([['output/prod/payments/old.yaml', managed.replaceAll('k8s_ns_admins"', `${name}"`)]]);
    const { files: changed } = planOf({ config: configOf({ output, limits }), files, access: payments });
    for (const { path } of changed)
      assert.match(path, /^output\/prod\/payments\/(old|k8s_ns_admins|k8s_ns_viewers)\.yaml$/);
  }
});

test('a managed file that became executable is rewritten with the same text', () => {
  const plan = planOf({ config, files: new Map([[rbacPath, `+x ${managed}`]]), access: payments });
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after?.text]),
    [[rbacPath, managed]],
  );
  assert.deepEqual(plan.changes, []);
});

test('subjects added by hand are removed as origin-unknown', () => {
  const added = '  - {kind: Group, name: everybody}\n  - {kind: ServiceAccount, name: builder}\n';
  const files = new Map([[rbacPath, managed.replace('subjects:\n', `subjects:\n${added}`)]]);
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual(
    plan.changes.map((change) => change.kind === 'lose' && [change.subject, change.reason]),
    [
      [{ kind: 'ServiceAccount', namespace: 'payments', name: 'builder' }, 'origin-unknown'],
      [{ kind: 'Group', name: 'everybody' }, 'origin-unknown'],
    ],
  );
  assert.equal(applyPlan(files, plan).get(rbacPath), managed);
});

test('a managed file deleted by hand is rendered again, as gains', () => {
  const plan = planOf({ config, files: new Map(), access: payments });
  assert.equal(plan.files[0]?.after?.text, managed);
  assert.deepEqual(
    plan.changes.map((change) => change.kind),
    ['gain'],
  );
});
