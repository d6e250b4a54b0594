import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
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

test('a role that could not be read loses nobody and keeps exactly its people, whatever else changes', () => {
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
      for (const id of unread) assert.deepEqual(bound[id], had[id], `${id} has whom it had`);
      for (const change of plan.changes) {
        const touched = unread.has(`${change.cluster}/${change.namespace}/${change.role}`);
        assert.ok(!touched || change.kind === 'permission' || change.kind === 'mapping', 'nobody gains or loses it');
      }
      const named = plan.kept.map((kept) => `${kept.cluster}/${kept.namespace}/${kept.role}`);
      assert.deepEqual(named.sort(), [...unread].sort(), 'each is named once, with or without anything to keep');
      const read = Object.entries(bound).filter(([id]) => !unread.has(id));
      assert.deepEqual(Object.fromEntries(read), bindingsOf({ access }), 'the others become what Athenz says');
    }),
    { numRuns: 300 },
  );
});

test('a failed read with nothing in the tree renders nothing for the role: an empty list would revoke an adopted binding', () => {
  const plan = planOf({ config, access: [unknown(admin), granted(viewer, ['user.bo'])] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [viewer]: ['user.bo'] });
  assert.doesNotMatch(plan.files[0]?.after?.text ?? '', /k8s_ns_admins/);
});

test('a namespace of which nothing could be read gets no file', () => {
  const plan = planOf({ config, access: [unknown(admin), unknown(viewer)] });
  assert.deepEqual(plan.files, []);
  assert.equal(plan.kept.length, 2);
});

test('a namespace of which nothing could be read keeps its file to the byte', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  assert.deepEqual(planOf({ config, files, access: [unknown(admin), unknown(viewer)] }).files, []);
});

test('a role with nobody in it stays empty and written out when it cannot be read, and is named', () => {
  const files = treeOf({ config, access: [granted(admin, []), granted(viewer, [])] });
  const plan = planOf({ config, files, access: [unknown(admin), granted(viewer, [])] });
  assert.deepEqual(
    plan.kept.map((kept) => kept.role),
    ['k8s_ns_admins'],
  );
  assert.deepEqual(bindingsIn(applyPlan(files, plan)), { [admin]: [], [viewer]: [] });
});

test('rules that changed in the config are rendered for a role that cannot be read, with the people it has', () => {
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

test('what could not be read is named with its place and its reason, and nothing else is said of it', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const plan = planOf({ config, files, access: [unknown(admin), granted(viewer, [])] });
  assert.deepEqual(plan.kept, [
    { cluster: 'prod', namespace: 'payments', role: 'k8s_ns_admins', problem: unavailable },
  ]);
});

const doubtedDomain = 'acme.org';

for (const [name, access] of [
  ['a domain', absent(admin, 'domain', [doubtedDomain])],
  ["a group's domain", granted(admin, ['user.ada', 'user.new'], { relies: [doubtedDomain] })],
] as const) {
  test(`${name} that is only missing from the list takes nobody's access, and is named`, () => {
    const files = treeOf({ config, access: [granted(admin, ['user.ada', 'user.bo']), granted(viewer, [])] });
    const plan = planOf({ config, files, access: [access, granted(viewer, [])] });
    assert.deepEqual([plan.files, plan.changes], [[], []]);
    const [kept] = plan.kept;
    assert.equal(kept?.problem.code, 'ZMS_ABSENCE_UNCONFIRMED');
    assert.match(kept.problem.message, /acme\.org/);
  });
}

test('a domain missing from the list does not keep anybody from gaining access when nobody would lose it', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const access = [granted(admin, ['user.ada', 'user.bo'], { relies: [doubtedDomain] }), granted(viewer, [])];
  const plan = planOf({ config, files, access });
  assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], ['user.ada', 'user.bo']);
  assert.deepEqual(plan.kept, []);
});

test('an absence on the list alone is no matter where the tree grants nothing', () => {
  const plan = planOf({ config, access: [absent(admin, 'domain', [doubtedDomain]), absent(viewer)] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [admin]: [], [viewer]: [] });
  assert.deepEqual(plan.kept, []);
});

for (const [what, reason] of [
  ['domain', 'domain-absent'],
  ['role', 'role-absent'],
] as const) {
  test(`a ${what} that is absent for certain takes its people's access, unproven`, () => {
    const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
    const plan = planOf({ config, files, access: [absent(admin, what), granted(viewer, [])] });
    assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], []);
    assert.deepEqual(
      plan.changes.map((change) => change.kind === 'lose' && [change.subject.name, change.reason, change.proven]),
      [['user.ada', reason, false]],
    );
  });
}

test('a file of ours that cannot be read is not taken for an empty one', () => {
  const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });
  const [path = ''] = files.keys();
  for (const role of [unknown(admin), granted(admin, ['user.bo'])]) {
    const plan = planOf({ config, files, unreadable: [path], access: [role, granted(viewer, [])] });
    assert.deepEqual([plan.files, plan.changes], [[], []]);
    assert.equal(plan.held[0]?.code, 'OUTPUT_UNPARSABLE');
    assert.match(plan.held[0].message, /it cannot be read$/);
  }
});
