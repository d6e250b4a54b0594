import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeftOutReason } from '../../src/adopt/result.ts';
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

test('infers the config from the objects of an operator', () => {
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

test('recognizes operator objects by name, without binding or label', () => {
  const unlabelled = bindingOf('search', 'eks.users.search:role.k8s_ns_admins:members', [], { owner: 'other' });
  const live = together(
    { roles: [roleOf('billing', 'eks.users.billing:role.k8s_ns_admins', adminRules)] },
    { bindings: [unlabelled], roles: [roleOf('search', 'eks.users.search:role.k8s_ns_admins', adminRules)] },
  );
  assert.deepEqual(proposalFrom(live).proposal.namespaces, ['billing', 'search']);
});

test('ignores bindings and Roles that no operator wrote', () => {
  const others = {
    bindings: [bindingOf('shop', 'admins', ['user.eve'], { owner: 'other' })],
    roles: [roleOf('shop', 'admins', adminRules), roleOf('shop', 'cert-manager:leaderelection', adminRules)],
  };
  assert.deepEqual(inferFrom(together(others)), { kind: 'nothing' });
  assert.deepEqual(inferFrom(together(two, others)), inferFrom(two));
});

test('a selector limits the import to matching bindings and their Roles', () => {
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
  ['namespace at the end', two, 'eks.users.{namespace}'],
  [
    'namespace in the middle',
    written({ a: { admins: [] } }, sampleRules, 'eks.{namespace}.k8s'),
    'eks.{namespace}.k8s',
  ],
  [
    'namespace twice in the domain',
    written({ eks: { admins: [] } }, sampleRules, 'eks.{namespace}'),
    'eks.{namespace}',
  ],
  ['namespace is the whole domain', written({ a: { admins: [] } }, sampleRules, '{namespace}'), '{namespace}'],
  [
    'one of four differs',
    together(written({ x: { admins: [] } }, sampleRules, 'a.{namespace}'), three),
    'eks.users.{namespace}',
  ],
  [
    'a nested domain is as frequent',
    together(
      written({ victim: { admins: [] } }, sampleRules, 'eks.users.mine.{namespace}'),
      written({ a: { admins: [] } }),
    ),
    'eks.users.{namespace}',
  ],
] as const) {
  test(`infers the domain: ${what}`, () => {
    assert.equal(proposalFrom(live).proposal.domain, domain);
  });
}

test('two equally frequent domains are ambiguous unless one is given', () => {
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

test('the namespace must be a whole label of the domain', () => {
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
const inexpressible: readonly (readonly [string, Live, LeftOutReason])[] = [
  ['a binding with another name', one(bindingOf('x', 'mine')), { kind: 'other-name' }],
  ['a name in upper case', one(bindingOf('x', 'EKS.users.x:role.admins:members'), []), { kind: 'upper-case' }],
  [
    'a nested domain (S1)',
    one(bindingOf('x', 'eks.users.mine.x:role.admins:members'), []),
    { kind: 'nested-domain', domain: 'eks.users.mine.x', expected: 'eks.users.x' },
  ],
  [
    'a domain with a similar prefix (S2)',
    one(bindingOf('x', 'eks.users2.x:role.admins:members'), []),
    { kind: 'other-domain', domain: 'eks.users2.x', expected: 'eks.users.x' },
  ],
  [
    'a binding to a ClusterRole',
    one(bindingOf('x', admin, [], { roleRef: { kind: 'ClusterRole', name: 'admin' } })),
    { kind: 'other-role-ref', roleRef: { kind: 'ClusterRole', name: 'admin' }, expected: 'eks.users.x:role.admins' },
  ],
  [
    'a binding whose Role is missing',
    one(bindingOf('x', admin), []),
    { kind: 'role-missing', expected: 'eks.users.x:role.admins' },
  ],
  [
    'a Role without rules',
    one(bindingOf('x', admin), [roleOf('x', 'eks.users.x:role.admins', [])]),
    { kind: 'no-usable-rules' },
  ],
  [
    'a Role with non-resource rules',
    one(bindingOf('x', admin), [
      roleOf('x', 'eks.users.x:role.admins', [{ apiGroups: [], resources: [], verbs: ['get'] }]),
    ]),
    { kind: 'no-usable-rules' },
  ],
  [
    'rules that differ',
    one(bindingOf('x', admin), [roleOf('x', 'eks.users.x:role.admins', readRules)]),
    { kind: 'other-rules', before: readRules, after: adminRules },
  ],
  [
    'a service',
    one(bindingOf('x', admin, ['ci.robot'])),
    { kind: 'subject', subject: { kind: 'User', name: 'ci.robot' } },
  ],
  [
    'a name too deep for a user',
    one(bindingOf('x', admin, ['user.ci.robot'])),
    { kind: 'subject', subject: { kind: 'User', name: 'user.ci.robot' } },
  ],
  [
    'a user name in upper case',
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

for (const [what, live, reason] of inexpressible) {
  test(`reports what a config cannot express: ${what}`, () => {
    const { left, proposal } = proposalFrom(together(three, live));
    assert.deepEqual(
      left.map((it) => it.reason),
      [reason],
    );
    assert.equal(left[0]?.namespace, 'x');
    assert.deepEqual([proposal.roles.map((it) => it.athenzRole), proposal.roles[0]?.rules], [['admins'], adminRules]);
  });
}

test('leaves out system and terminating namespaces', () => {
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

test('userDomain decides which subjects are users', () => {
  const live = written({ a: { k8s_ns_admins: ['user.ada', 'human.bob'] } });
  const importWith = (userDomain: string) => {
    const { proposal, left } = proposalFrom(live, { userDomain });
    return [
      proposal.userDomain,
      left.map(({ reason }) => (reason.kind === 'subject' ? reason.subject.name : reason.kind)),
    ];
  };
  assert.deepEqual(importWith('user'), ['user', ['human.bob']]);
  assert.deepEqual(importWith('human'), ['human', ['user.ada']]);
});
