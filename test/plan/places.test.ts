import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/model/change.ts';
import { headerLine } from '../../src/model/manifest.ts';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
import { bindingsIn, configOf, granted, noLimits } from '../support/roles.ts';

const config = configOf();
const place = 'output/prod/payments/rbac.yaml';
const admin = 'prod/payments/k8s_ns_admins';
const payments = [granted(admin, ['user.ada']), granted('prod/payments/k8s_ns_viewers', [])];
const search = [granted('prod/search/k8s_ns_admins', ['user.bo']), granted('prod/search/k8s_ns_viewers', [])];
const ours = treeOf({ config, access: payments }).get(place) ?? '';

/** Code and namespace of everything held. */
function held(plan: Plan): readonly string[] {
  return plan.held.map((it) => `${it.code} ${it.namespace ?? '-'}`);
}

for (const [name, text] of [
  ['without our first line', 'kind: RoleBinding\n'],
  ['with our first line further down', `\n${ours}`],
  ['with our first line made longer', `${headerLine} No!\n${ours}`],
  ['that is empty', ''],
  ['that is a link', '->../search/rbac.yaml'],
  ['that is a link whose target looks like our text', `->${ours}`],
] as const) {
  test(`a file ${name} in a namespace's place is never overwritten: it holds the namespace and no other`, () => {
    const files = new Map([[place, text]]);
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
  test(`a foreign file at ${path} is named and left, and stops nothing`, () => {
    const files = new Map([[path, 'kind: Role\n']]);
    const plan = planOf({ config, files, access: payments });
    assert.deepEqual(held(plan), ['OUTPUT_FOREIGN -']);
    assert.match(plan.held[0]?.message ?? '', new RegExp(path));
    assert.deepEqual(Object.keys(bindingsIn(applyPlan(new Map(), plan))).length, 2);
    assert.ok(applyPlan(files, plan).has(path));
  });
}

test('a foreign file that output.keep names lives in an output folder in peace', () => {
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

test('output.keep does not give away the place of a namespace', () => {
  const kept = configOf({ output: { ...config.output, keep: ['output/**'] } });
  const plan = planOf({ config: kept, files: new Map([[place, 'kind: Role\n']]), access: payments });
  assert.deepEqual(held(plan), ['OUTPUT_FOREIGN payments']);
  assert.deepEqual(plan.files, []);
});

test('output.keep keeps no file that this program wrote', () => {
  const kept = configOf({ output: { ...config.output, keep: ['output/**'] } });
  const plan = planOf({ config: kept, files: new Map([[place, ours]]), access: [] });
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after]),
    [[place, undefined]],
  );
});

for (const [name, obstacle] of [
  ['link', '->../../elsewhere'],
  ['file', 'not a folder'],
  ['file of ours', ours],
] as const) {
  test(`nothing is written through a ${name} that stands where a namespace's folder would be`, () => {
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
  ['file', { 'output/prod/Payments/rbac.yaml': 'kind: Role\n' }],
  ['file of ours about another namespace', { 'output/Prod/payments/rbac.yaml': ours }],
  ['file of ours that cannot be read', { 'output/prod/payments/RBAC.yaml': `${headerLine}\nkind: [\n` }],
  [
    'file of ours about two namespaces',
    { 'output/prod/payments/Rbac.yaml': ours + ours.replace(headerLine, '---').replaceAll('"payments"', '"search"') },
  ],
] as const) {
  test(`a ${name} that differs from a namespace’s by case alone holds it, with the file there or not, and both are named`, () => {
    for (const there of [{}, { [place]: ours }]) {
      const plan = planOf({
        config,
        files: new Map(Object.entries({ ...files, ...there })),
        access: [...payments, ...search],
      });
      assert.deepEqual(held(plan), ['OUTPUT_COLLISION payments']);
      for (const path of [place, ...Object.keys(files)]) assert.ok(plan.held[0]?.message.includes(path));
      assert.deepEqual(
        plan.files.map((file) => file.path),
        ['output/prod/search/rbac.yaml'],
      );
    }
  });
}

test('a file of ours that differs from its place by case alone is moved, and nobody gains or loses', () => {
  const files = new Map([['output/prod/payments/RBAC.yaml', ours]]);
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual([plan.held, plan.changes], [[], []]);
  assert.deepEqual(applyPlan(files, plan), new Map([[place, ours]]));
});

for (const [name, text] of [
  ['broken YAML', `${headerLine}\nkind: [\n`],
  ['nothing below its first line', `${headerLine}\n`],
  ['an object that is no RBAC', `${ours}---\nkind: Secret\n`],
  ['an unknown field', ours.replace('roleRef:', 'extra: 1\nroleRef:')],
  ['a number for a user', ours.replace('name: "user.ada"', 'name: 7')],
] as const) {
  test(`a file of ours with ${name} holds its namespace and stays to the byte`, () => {
    const files = new Map([[place, text]]);
    for (const access of [payments, [granted(admin, []), ...payments.slice(1)]]) {
      const plan = planOf({ config, files, access: [...access, ...search] });
      assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE payments']);
      assert.equal(applyPlan(files, plan).get(place), text);
      assert.ok(applyPlan(files, plan).has('output/prod/search/rbac.yaml'));
    }
  });
}

test('a file of ours that cannot be understood stays when its namespace left: it is not "no grants"', () => {
  const files = new Map([[place, `${headerLine}\nkind: [\n`]]);
  const plan = planOf({ config, files, access: search });
  assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE -']);
  assert.equal(applyPlan(files, plan).get(place), `${headerLine}\nkind: [\n`);
});

test("another namespace's file in a namespace's place holds it, and takes nothing from either", () => {
  const files = new Map([[place, ours.replaceAll('"payments"', '"search"')]]);
  const plan = planOf({ config, files, access: [...payments, ...search] });
  assert.deepEqual(held(plan), ['OUTPUT_UNPARSABLE payments']);
  assert.match(plan.held[0]?.message ?? '', /it is about search/);
  assert.ok(plan.changes.every((change) => change.kind === 'gain' && change.namespace === 'search'));
});

test('a file of ours about two namespaces is held, wherever it is', () => {
  const mixed = ours + ours.replaceAll('"payments"', '"search"').replace(headerLine, '---');
  for (const path of [place, 'output/prod/old.yaml']) {
    const files = new Map([[path, mixed]]);
    const plan = planOf({ config, files, access: payments });
    assert.equal(plan.held[0]?.code, 'OUTPUT_UNPARSABLE');
    assert.equal(applyPlan(files, plan).get(path), mixed);
  }
});

test('a name in a file of ours cannot lead a write out of its folder', () => {
  const output = { path: 'output/{cluster}/{namespace}/{role}.yaml', templates: null, keep: [] };
  const limits = { ...noLimits, maxRemovedGrants: { percent: 0, floor: 0 } };
  for (const name of ['../../../../escaped', 'a/../../b', '..', 'A', 'a\\u002f..']) {
    const files = new Map([['output/prod/payments/old.yaml', ours.replaceAll('k8s_ns_admins"', `${name}"`)]]);
    const { files: changed } = planOf({ config: configOf({ output, limits }), files, access: payments });
    for (const { path } of changed)
      assert.match(path, /^output\/prod\/payments\/(old|k8s_ns_admins|k8s_ns_viewers)\.yaml$/);
  }
});

test('a file of ours that became executable is written anew, with the same text', () => {
  const plan = planOf({ config, files: new Map([[place, `+x ${ours}`]]), access: payments });
  assert.deepEqual(
    plan.files.map(({ path, after }) => [path, after?.text]),
    [[place, ours]],
  );
  assert.deepEqual(plan.changes, []);
});

test('somebody who was added to a file of ours by hand loses it again, as one who is no member', () => {
  const added = '  - {kind: Group, name: everybody}\n  - {kind: ServiceAccount, name: builder}\n';
  const files = new Map([[place, ours.replace('subjects:\n', `subjects:\n${added}`)]]);
  const plan = planOf({ config, files, access: payments });
  assert.deepEqual(
    plan.changes.map((change) => change.kind === 'lose' && [change.subject, change.reason]),
    [
      [{ kind: 'ServiceAccount', namespace: 'payments', name: 'builder' }, 'not-a-member'],
      [{ kind: 'Group', name: 'everybody' }, 'not-a-member'],
    ],
  );
  assert.equal(applyPlan(files, plan).get(place), ours);
});

test('a file of ours that was deleted by hand is rendered again, and its people named', () => {
  const plan = planOf({ config, files: new Map(), access: payments });
  assert.equal(plan.files[0]?.after?.text, ours);
  assert.deepEqual(
    plan.changes.map((change) => change.kind),
    ['gain'],
  );
});
