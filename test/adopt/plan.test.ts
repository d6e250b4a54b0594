import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BindingAdoption } from '../../src/adopt/result.ts';
import { toHeld } from '../../src/generators/rbac/result.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { bindingOf, type Live, planFrom, proposalFrom, roleOf, together, written } from '../support/adoption.ts';
import { adminRules } from '../support/rbac.ts';
import { absent, ended, granted, unknown } from '../support/roles.ts';

const rules = { admins: adminRules };
const readRules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const cluster = (members: readonly string[]) => written({ a: { admins: members } }, rules, 'prod.{namespace}');

/** Plans the adoption of the only binding, `prod.a:role.admins`. */
function adopt(live: Live, access: RoleAccess) {
  const { proposal } = proposalFrom(live);
  const plan = planFrom(live, proposal, [access]);
  const [binding] = plan.bindings;
  assert.ok(binding);
  return { binding, plan, text: plan.files[0]?.after?.text };
}

const gainsAndLosses = ({ gains, losses }: Pick<BindingAdoption, 'gains' | 'losses'>) => ({
  gains: gains.map(({ subject }) => subject.name),
  losses: losses.map(({ subject, reason }) => [subject.name, reason]),
});

for (const [what, before, access, expected] of [
  ['nothing changes', ['user.ada'], granted('prod/a/admins', ['user.ada']), { gains: [], losses: [] }],
  [
    'membership changed in Athenz',
    ['user.ada'],
    granted('prod/a/admins', ['user.bob']),
    { gains: ['user.bob'], losses: [['user.ada', 'origin-unknown']] },
  ],
  [
    'expired and suspended members (S8)',
    ['user.ada', 'user.bob'],
    granted('prod/a/admins', [], {
      dropped: [ended('expired', 'user.ada', '2026-01-01T00:00:00.000Z'), ended('suspended', 'user.bob')],
    }),
    {
      gains: [],
      losses: [
        ['user.ada', 'expired'],
        ['user.bob', 'suspended'],
      ],
    },
  ],
  [
    'role absent in Athenz (S10)',
    ['user.ada'],
    absent('prod/a/admins', 'role'),
    { gains: [], losses: [['user.ada', 'role-absent']] },
  ],
  [
    'domain absent in Athenz (S10)',
    ['user.ada'],
    absent('prod/a/admins', 'domain'),
    { gains: [], losses: [['user.ada', 'domain-absent']] },
  ],
  ['Athenz is unreadable', ['user.ada'], unknown('prod/a/admins'), { gains: [], losses: [] }],
] as const) {
  test(`gains and losses of the first apply: ${what}`, () => {
    assert.deepEqual(gainsAndLosses(adopt(cluster(before), access).binding), expected);
  });
}

test('a binding with subjects is orphaned if its role or domain is absent', () => {
  const orphan = (before: readonly string[], access: RoleAccess) => adopt(cluster(before), access).binding.orphan;
  assert.equal(orphan(['user.ada'], absent('prod/a/admins', 'role')), 'role');
  assert.equal(orphan(['user.ada'], absent('prod/a/admins', 'domain')), 'domain');
  assert.equal(orphan([], absent('prod/a/admins', 'role')), undefined);
  assert.equal(orphan(['user.ada'], granted('prod/a/admins', [])), undefined);
});

test('an unconfirmed absence is rechecked and changes nothing', () => {
  const { binding, plan, text } = adopt(cluster(['user.ada']), absent('prod/a/admins', 'domain', ['prod.a']));
  assert.deepEqual(plan.doubted, ['prod.a']);
  assert.equal(binding.unknown?.code, 'ZMS_ABSENCE_UNCONFIRMED');
  assert.deepEqual([binding.orphan, gainsAndLosses(binding)], [undefined, { gains: [], losses: [] }]);
  assert.match(text ?? '', /user\.ada/);
  assert.deepEqual(adopt(cluster([]), absent('prod/a/admins', 'domain', ['prod.a'])).plan.doubted, []);
});

test('an unreadable role is rendered from the cluster, or not at all', () => {
  const { binding, text } = adopt(cluster(['user.ada']), unknown('prod/a/admins'));
  assert.equal(binding.unknown?.code, 'ZMS_UNAVAILABLE');
  assert.match(text ?? '', /name: "user\.ada"/);
  const lone = together({ roles: [roleOf('a', 'prod.a:role.admins', adminRules)] });
  const other = adopt(lone, unknown('prod/a/admins'));
  assert.deepEqual([other.binding.after, other.plan.files], [undefined, []]);
});

test('creates a missing binding with the members of its role', () => {
  const lone = together({ roles: [roleOf('a', 'prod.a:role.admins', adminRules)] });
  const { binding } = adopt(lone, granted('prod/a/admins', ['user.ada']));
  assert.deepEqual([binding.before, gainsAndLosses(binding).gains], [undefined, ['user.ada']]);
});

test('reports rules that differ from the majority', () => {
  const most = written({ b: { admins: [] }, c: { admins: [] } }, rules, 'prod.{namespace}');
  const other = written({ a: { admins: ['user.ada'] } }, { admins: readRules }, 'prod.{namespace}');
  const { binding } = adopt(together(most, other), granted('prod/a/admins', ['user.ada']));
  assert.deepEqual([binding.permission?.before.rules, binding.permission?.after.rules], [readRules, adminRules]);
  const none = together(most, { bindings: [bindingOf('a', 'prod.a:role.admins:members', ['user.ada'])] });
  assert.deepEqual(adopt(none, granted('prod/a/admins', ['user.ada'])).binding.permission?.before.rules, undefined);
});

test('reports a roleRef change, which Kubernetes does not allow', () => {
  const name = 'prod.a:role.admins';
  const bound = bindingOf('a', `${name}:members`, ['user.ada'], { roleRef: { kind: 'ClusterRole', name: 'admin' } });
  const live = together({ bindings: [bound], roles: [roleOf('a', name, adminRules)] });
  const { binding } = adopt(live, granted('prod/a/admins', ['user.ada']));
  assert.deepEqual(binding.roleRef, { before: { kind: 'ClusterRole', name: 'admin' }, after: { kind: 'Role', name } });
  assert.equal(adopt(cluster([]), granted('prod/a/admins', [])).binding.roleRef, undefined);
});

test('a role over maxSubjects holds its additions', () => {
  const live = cluster(['user.ada']);
  const access = granted('prod/a/admins', ['user.ada', 'user.bob']);
  const plan = planFrom(live, proposalFrom(live).proposal, [access], 1);
  assert.deepEqual(
    plan.held
      .map(toHeld)
      .map(({ code, namespace, gains = [] }) => [code, namespace, gains.map((gain) => gain.subject.name)]),
    [['LIMIT_SUBJECTS', 'a', ['user.bob']]],
  );
  assert.deepEqual([plan.bindings[0]?.gains, plan.files.length], [[], 1]);
});
