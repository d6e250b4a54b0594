import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeftOutReason } from '../../src/model/adoption.ts';
import {
  bindingOf,
  inferFrom,
  type Live,
  proposalFrom,
  roleOf,
  sampleRules,
  together,
  written,
} from '../support/adoption.ts';
import { adminRules, viewerRules } from '../support/rbac.ts';

const readRules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const two = written({
  billing: { k8s_ns_admins: ['user.ada'], k8s_ns_viewers: ['user.bob'] },
  search: { k8s_ns_admins: ['user.cleo'], k8s_ns_viewers: [] },
});
const three = written({ a: { admins: [] }, b: { admins: [] }, c: { admins: [] } }, { admins: adminRules });

test('what the operators wrote gives the config by which they wrote it', () => {
  const { proposal, left, unproposed } = proposalFrom(two);
  assert.deepEqual(proposal, {
    domain: 'eks.users.{namespace}',
    userDomain: 'user',
    namespaces: ['billing', 'search'],
    roles: [
      { athenzRole: 'k8s_ns_admins', rules: adminRules, namespaces: 2 },
      { athenzRole: 'k8s_ns_viewers', rules: viewerRules, namespaces: 2 },
    ],
  });
  assert.deepEqual([left, unproposed], [[], []]);
});

test("a Role that nothing binds yet is the operator's by its name, and a binding without the label is as well", () => {
  const unlabelled = bindingOf('search', 'eks.users.search:role.k8s_ns_admins:members', [], { owner: 'other' });
  const live = together(
    { roles: [roleOf('billing', 'eks.users.billing:role.k8s_ns_admins', adminRules)] },
    { bindings: [unlabelled], roles: [roleOf('search', 'eks.users.search:role.k8s_ns_admins', adminRules)] },
  );
  assert.deepEqual(proposalFrom(live).proposal.namespaces, ['billing', 'search']);
});

test('bindings and Roles of anybody else are passed over', () => {
  const others = {
    bindings: [bindingOf('shop', 'admins', ['user.eve'], { owner: 'other' })],
    roles: [roleOf('shop', 'admins', adminRules), roleOf('shop', 'cert-manager:leaderelection', adminRules)],
  };
  assert.deepEqual(inferFrom(together(others)), { kind: 'nothing' });
  assert.deepEqual(inferFrom(together(two, others)), inferFrom(two));
});

test('with a selector only the bindings that it names count, and their Roles', () => {
  const live = together(
    { bindings: [bindingOf('a', 'eks.users.a:role.admins:members', [], { owner: 'other' })] },
    { roles: [roleOf('a', 'eks.users.a:role.admins', adminRules), roleOf('b', 'eks.users.b:role.admins', readRules)] },
  );
  const { proposal, left } = proposalFrom(live, { selected: true });
  assert.deepEqual(
    [proposal.namespaces, proposal.roles],
    [['a'], [{ athenzRole: 'admins', rules: adminRules, namespaces: 1 }]],
  );
  assert.deepEqual(left, []);
  assert.deepEqual(
    inferFrom(together({ bindings: [bindingOf('a', 'mine', [], { owner: 'other' })] }), { selected: true }).kind,
    'inexpressible',
  );
});

for (const [what, live, domain] of [
  ['the namespace comes last', two, 'eks.users.{namespace}'],
  [
    'it stands in the middle',
    written({ a: { admins: [] } }, sampleRules, 'eks.{namespace}.k8s'),
    'eks.{namespace}.k8s',
  ],
  ['a domain names it twice', written({ eks: { admins: [] } }, sampleRules, 'eks.{namespace}'), 'eks.{namespace}'],
  ['it is all of the domain', written({ a: { admins: [] } }, sampleRules, '{namespace}'), '{namespace}'],
  [
    'one of three has another',
    together(written({ x: { admins: [] } }, sampleRules, 'a.{namespace}'), three),
    'eks.users.{namespace}',
  ],
  [
    'one below it is as frequent',
    together(
      written({ victim: { admins: [] } }, sampleRules, 'eks.users.mine.{namespace}'),
      written({ a: { admins: [] } }),
    ),
    'eks.users.{namespace}',
  ],
] as const) {
  test(`the domain of a namespace is found where ${what}`, () => {
    assert.equal(proposalFrom(live).proposal.domain, domain);
  });
}

test('where as many namespaces speak for one domain as for another, nobody guesses, and somebody may say it', () => {
  const live = together(
    written({ a: { admins: [] } }, {}, 'one.{namespace}'),
    written({ b: { admins: [] } }, {}, 'two.{namespace}'),
  );
  assert.deepEqual(inferFrom(live), { kind: 'ambiguous', domains: ['one.{namespace}', 'two.{namespace}'] });
  const { proposal, left } = proposalFrom(live, { domain: 'two.{namespace}' });
  assert.deepEqual(proposal.namespaces, ['b']);
  assert.deepEqual(
    left.map(({ namespace, reason }) => [namespace, reason.kind]),
    [['a', 'other-domain']],
  );
});

test('only a whole part of a domain can be the namespace', () => {
  const live = together({
    bindings: [bindingOf('prod', 'eks.users2.prod-eu:role.admins:members')],
    roles: [roleOf('prod', 'eks.users2.prod-eu:role.admins', adminRules)],
  });
  assert.equal(inferFrom(live).kind, 'inexpressible');
});

const admin = 'eks.users.x:role.admins:members';
const own = { roles: [roleOf('x', 'eks.users.x:role.admins', adminRules)] };
const one = (binding: ReturnType<typeof bindingOf>, roles = own.roles): Live =>
  together({ bindings: [binding], roles });
const odd: readonly (readonly [string, Live, LeftOutReason])[] = [
  ['a name of its own', one(bindingOf('x', 'mine')), { kind: 'other-name' }],
  ['upper case', one(bindingOf('x', 'EKS.users.x:role.admins:members'), []), { kind: 'upper-case' }],
  [
    'a domain further down (S1)',
    one(bindingOf('x', 'eks.users.mine.x:role.admins:members'), []),
    { kind: 'nested-domain', domain: 'eks.users.mine.x', expected: 'eks.users.x' },
  ],
  [
    'a domain that only begins alike (S2)',
    one(bindingOf('x', 'eks.users2.x:role.admins:members'), []),
    { kind: 'other-domain', domain: 'eks.users2.x', expected: 'eks.users.x' },
  ],
  [
    'a ClusterRole',
    one(bindingOf('x', admin, [], { roleRef: { kind: 'ClusterRole', name: 'admin' } })),
    { kind: 'other-role-ref', roleRef: { kind: 'ClusterRole', name: 'admin' }, expected: 'eks.users.x:role.admins' },
  ],
  ['no Role', one(bindingOf('x', admin), []), { kind: 'role-missing', expected: 'eks.users.x:role.admins' }],
  [
    'a Role without rules',
    one(bindingOf('x', admin), [roleOf('x', 'eks.users.x:role.admins', [])]),
    { kind: 'no-usable-rules' },
  ],
  [
    'a Role with what only a ClusterRole may hold',
    one(bindingOf('x', admin), [
      roleOf('x', 'eks.users.x:role.admins', [{ apiGroups: [], resources: [], verbs: ['get'] }]),
    ]),
    { kind: 'no-usable-rules' },
  ],
  [
    'other rules',
    one(bindingOf('x', admin), [roleOf('x', 'eks.users.x:role.admins', readRules)]),
    { kind: 'other-rules', before: readRules, after: adminRules },
  ],
  [
    'a service',
    one(bindingOf('x', admin, ['ci.robot'])),
    { kind: 'subject', subject: { kind: 'User', name: 'ci.robot' } },
  ],
  [
    'a name too deep for a person',
    one(bindingOf('x', admin, ['user.ci.robot'])),
    { kind: 'subject', subject: { kind: 'User', name: 'user.ci.robot' } },
  ],
  [
    'upper case that Athenz does not have',
    one(bindingOf('x', admin, ['user.Ada'])),
    { kind: 'subject', subject: { kind: 'User', name: 'user.Ada' } },
  ],
  [
    'a Group',
    one(bindingOf('x', admin, [], { subjects: [{ kind: 'Group', name: 'ops' }] })),
    { kind: 'subject', subject: { kind: 'Group', name: 'ops' } },
  ],
  [
    'a ServiceAccount',
    one(bindingOf('x', admin, ['ci/robot'])),
    { kind: 'subject', subject: { kind: 'ServiceAccount', name: 'robot', namespace: 'ci' } },
  ],
];

for (const [what, live, reason] of odd) {
  test(`what a config cannot express is told, with its reason: ${what}`, () => {
    const { left, proposal } = proposalFrom(together(three, live));
    assert.deepEqual(
      left.map((it) => it.reason),
      [reason],
    );
    assert.equal(left[0]?.namespace, 'x');
    assert.deepEqual([proposal.roles.map((it) => it.athenzRole), proposal.roles[0]?.rules], [['admins'], adminRules]);
  });
}

test('a config leaves out system namespaces and those that are being deleted', () => {
  const live = together(three, written({ 'kube-system': { admins: ['user.eve'] }, gone: { admins: [] } }));
  const { proposal, left } = proposalFrom(live, { terminating: new Set(['gone']) });
  assert.deepEqual(proposal.namespaces, ['a', 'b', 'c']);
  assert.deepEqual(
    left.map(({ namespace, kind, reason }) => [namespace, kind, reason.kind]),
    [
      ['gone', 'RoleBinding', 'terminating'],
      ['kube-system', 'RoleBinding', 'system-namespace'],
    ],
  );
});

test('people are those of the domain that is said to be theirs', () => {
  const live = written({ a: { k8s_ns_admins: ['user.ada', 'human.bob'] } });
  const named = (userDomain: string) => {
    const { proposal, left } = proposalFrom(live, { userDomain });
    return [
      proposal.userDomain,
      left.map(({ reason }) => (reason.kind === 'subject' ? reason.subject.name : reason.kind)),
    ];
  };
  assert.deepEqual(named('user'), ['user', ['human.bob']]);
  assert.deepEqual(named('human'), ['human', ['user.ada']]);
});
