import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import {
  absent,
  admins,
  bindingsIn,
  bindingsOf,
  configOf,
  everything,
  granted,
  unavailable,
  unknown,
  viewers,
} from '../support/roles.ts';
import { anyChange } from '../support/worlds.ts';

const config = configOf();
const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';

test('an unreadable role keeps exactly its subjects', () => {
  const dice = fc.array(fc.boolean(), { minLength: 18, maxLength: 18 });
  fc.assert(
    fc.property(anyChange(), dice, ({ before, after }, failed) => {
      const files = treeOf(...before);
      const unread = new Set<string>();
      const access = after.access.map((role, index) => {
        const id = `${role.cluster}/${role.namespace}/${role.role}` as const;
        if (!failed[index]) return role;
        unread.add(id);
        return unknown(id);
      });
      const plan = planOf({ ...after, access, files });
      const bound = bindingsIn(applyPlan(files, plan));
      const had = bindingsIn(files);
      for (const id of unread) assert.deepEqual(bound[id], had[id], `${id} is unchanged`);
      for (const change of plan.changes) {
        const touched = unread.has(`${change.cluster}/${change.namespace}/${change.role}`);
        assert.ok(!touched || change.kind === 'permission' || change.kind === 'mapping', 'no gain or loss');
      }
      const reported = plan.kept.map((kept) => `${kept.cluster}/${kept.namespace}/${kept.role}`);
      assert.deepEqual(reported.sort(), [...unread].sort(), 'each is reported once');
      const read = Object.entries(bound).filter(([id]) => !unread.has(id));
      assert.deepEqual(Object.fromEntries(read), bindingsOf({ access }), 'the others match Athenz');
    }),
    { numRuns: trials(75) },
  );
});

test('an unreadable role that is not in the tree is not rendered', () => {
  // An empty list would revoke a binding that is being adopted.
  const plan = planOf({ config, access: [unknown(admin), granted(viewer, ['user.bo'])] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [viewer]: ['user.bo'] });
  assert.doesNotMatch(plan.files[0]?.after?.text ?? '', /k8s_ns_admins/);
});

test('a new namespace that could not be read gets no file', () => {
  const plan = planOf({ config, access: [unknown(admin), unknown(viewer)] });
  assert.deepEqual(plan.files, []);
  assert.equal(plan.kept.length, 2);
});

test('a namespace that could not be read keeps its file unchanged', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  assert.deepEqual(planOf({ config, files, access: [unknown(admin), unknown(viewer)] }).files, []);
});

test('an unreadable empty role stays rendered and is reported', () => {
  const files = treeOf({ config, access: [granted(admin, []), granted(viewer, [])] });
  const plan = planOf({ config, files, access: [unknown(admin), granted(viewer, [])] });
  assert.deepEqual(
    plan.kept.map((kept) => kept.role),
    ['k8s_ns_admins'],
  );
  assert.deepEqual(bindingsIn(applyPlan(files, plan)), { [admin]: [], [viewer]: [] });
});

test('changed rules are rendered for an unreadable role with its current subjects', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, ['user.bo'])] });
  const narrower = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const roles = [
    { ...admins, rules: narrower },
    { athenzRole: viewers.athenzRole, clusterRole: 'edit' },
  ];
  const plan = planOf({ config: configOf({ roles }), files, access: [unknown(admin), unknown(viewer)] });
  const merged = applyPlan(files, plan);
  assert.deepEqual(bindingsIn(merged), { [admin]: ['user.ada'], [viewer]: ['user.bo'] });
  assert.match([...merged.values()].join(), /resources: \["pods"\]/);
  assert.deepEqual(
    plan.changes.map((change) => change.kind === 'permission' && [change.before.rules, change.after, change.subjects]),
    [
      [everything, { roleRef: { kind: 'Role', name: 'athenz-k8s_ns_admins' }, rules: narrower }, 1],
      [undefined, { roleRef: { kind: 'ClusterRole', name: 'edit' } }, 1],
    ],
  );
});

test('an unreadable role is reported with its namespace and problem', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const plan = planOf({ config, files, access: [unknown(admin), granted(viewer, [])] });
  assert.deepEqual(plan.kept, [
    { cluster: 'prod', namespace: 'payments', role: 'k8s_ns_admins', problem: unavailable },
  ]);
});

const unlistedDomain = 'acme.org';

for (const [name, access] of [
  ['domain', absent(admin, 'domain', [unlistedDomain])],
  ['group domain', granted(admin, ['user.ada', 'user.new'], { unconfirmed: [unlistedDomain] })],
] as const) {
  test(`an unlisted ${name} removes no access and is reported`, () => {
    const files = treeOf({ config, access: [granted(admin, ['user.ada', 'user.bo']), granted(viewer, [])] });
    const plan = planOf({ config, files, access: [access, granted(viewer, [])] });
    assert.deepEqual([plan.files, plan.changes], [[], []]);
    const [kept] = plan.kept;
    assert.equal(kept?.problem.code, 'ZMS_ABSENCE_UNCONFIRMED');
    assert.match(kept.problem.message, /acme\.org/);
  });
}

test('an unlisted domain does not block additions if nothing would be removed', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const access = [granted(admin, ['user.ada', 'user.bo'], { unconfirmed: [unlistedDomain] }), granted(viewer, [])];
  const plan = planOf({ config, files, access });
  assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], ['user.ada', 'user.bo']);
  assert.deepEqual(plan.kept, []);
});

test('an unlisted domain is ignored if the tree grants nothing', () => {
  const plan = planOf({ config, access: [absent(admin, 'domain', [unlistedDomain]), absent(viewer)] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [admin]: [], [viewer]: [] });
  assert.deepEqual(plan.kept, []);
});

for (const [what, reason] of [
  ['domain', 'domain-absent'],
  ['role', 'role-absent'],
] as const) {
  test(`a confirmed absent ${what} removes access, unproven`, () => {
    const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
    const plan = planOf({ config, files, access: [absent(admin, what), granted(viewer, [])] });
    assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], []);
    assert.deepEqual(
      plan.changes.map((change) => change.kind === 'lose' && [change.subject.name, change.reason, change.proven]),
      [['user.ada', reason, false]],
    );
  });
}

test('an unreadable managed file is held, not treated as empty', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const [path = ''] = files.keys();
  for (const role of [unknown(admin), granted(admin, ['user.bo'])]) {
    const plan = planOf({ config, files, unreadable: [path], access: [role, granted(viewer, [])] });
    assert.deepEqual([plan.files, plan.changes], [[], []]);
    assert.equal(plan.held[0]?.code, 'OUTPUT_UNPARSABLE');
    assert.match(plan.held[0].message, /it cannot be read$/);
  }
});
