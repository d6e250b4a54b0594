import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleConfig } from '../../src/config/types.ts';
import type { Dropped } from '../../src/model/grant.ts';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
import { admins, clusterOf, configOf, ended, everything, granted, viewers } from '../support/roles.ts';

const config = configOf({ roles: [admins] });
const admin = 'prod/payments/k8s_ns_admins';

function changesBetween(before: readonly string[], after: Parameters<typeof granted>[2] & { members?: string[] }) {
  const files = treeOf({ config, access: [granted(admin, before)] });
  return planOf({ config, files, access: [granted(admin, after.members ?? [], after)] }).changes;
}

test('a gain has its paths and expiration', () => {
  const expires = '2027-06-30T00:00:00.000Z';
  const paths = [{ expires }, { trust: 'acme.platform:role.sre', group: 'acme.org:group.sre', expires }];
  assert.deepEqual(changesBetween([], { members: ['user.ada'], paths, expires }), [
    {
      kind: 'gain',
      cluster: 'prod',
      namespace: 'payments',
      role: 'k8s_ns_admins',
      subject: { kind: 'User', name: 'user.ada' },
      permission: { roleRef: { kind: 'Role', name: 'athenz-k8s_ns_admins' }, rules: everything },
      paths,
      expires,
    },
  ]);
});

const early = '2026-11-01T00:00:00.000Z';
const late = '2026-11-20T18:00:00.000Z';

const reasons: readonly [
  name: string,
  dropped: readonly Dropped[],
  reason: string,
  detail: string | undefined,
  proven: boolean,
][] = [
  ['not in the role', [], 'origin-unknown', undefined, false],
  ['another member expired', [ended('expired', 'user.bo', late)], 'origin-unknown', undefined, false],
  ['expired', [ended('expired', 'user.ada', late)], 'expired', late, true],
  [
    'expired on two paths',
    [ended('expired', 'user.ada', late), ended('expired', 'user.ada', early)],
    'expired',
    late,
    true,
  ],
  ['suspended member', [ended('suspended', 'user.ada')], 'suspended', undefined, true],
  ['disabled domain', [ended('domain-disabled', 'user.ada', 'acme')], 'domain-disabled', 'acme', true],
  ['pending member', [ended('pending', 'user.ada')], 'not-a-subject', 'pending', false],
  [
    'pending and expired on two paths',
    [ended('pending', 'user.ada'), ended('expired', 'user.ada', late)],
    'expired',
    late,
    true,
  ],
  ['unreadable expiration', [ended('bad-expiration', 'user.ada', 'soon')], 'not-a-subject', 'bad-expiration', false],
];

for (const [name, dropped, reason, detail, proven] of reasons) {
  for (const order of [dropped, dropped.toReversed()]) {
    if (order !== dropped && dropped.length < 2) continue;
    test(`${name}: loses access as ${reason}${order === dropped ? '' : ', in reverse order'}`, () => {
      const [change] = changesBetween(['user.ada'], { dropped: order });
      assert.ok(change?.kind === 'lose');
      assert.deepEqual([change.reason, change.detail, change.proven], [reason, detail, proven]);
    });
  }
}

const pods: RoleConfig = {
  athenzRole: 'k8s_ns_admins',
  rules: [{ apiGroups: ['', 'apps'], resources: ['pods', 'deployments'], verbs: ['get', 'list'] }],
};

for (const [name, role, changes] of [
  ['a switch to narrower rules', { ...pods, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, true],
  ['a switch to a ClusterRole', { athenzRole: 'k8s_ns_admins', clusterRole: 'view' }, true],
  [
    'a restriction to resource names',
    {
      ...pods,
      rules: [
        { apiGroups: ['', 'apps'], resources: ['pods', 'deployments'], verbs: ['get', 'list'], resourceNames: ['a'] },
      ],
    },
    true,
  ],
  [
    'reordering a rule and repeating it and a resource',
    {
      ...pods,
      rules: Array(2).fill({
        apiGroups: ['apps', ''],
        resources: ['deployments', 'pods', 'pods'],
        verbs: ['list', 'get'],
      }),
    },
    false,
  ],
] as const) {
  test(`${name} ${changes ? 'is a permission change' : 'changes only the file'}`, () => {
    const before = configOf({ roles: [pods] });
    const access = [granted(admin, ['user.ada', 'user.bo'])];
    const files = treeOf({ config: before, access });
    const plan = planOf({ config: configOf({ roles: [role as RoleConfig] }), files, access });
    assert.equal(plan.files.length, 1);
    assert.deepEqual(
      plan.changes.map((change) => change.kind === 'permission' && change.subjects),
      changes ? [2] : [],
    );
  });
}

test('another ClusterRole is a permission change for the remaining subjects', () => {
  const access = (members: readonly string[]) => [granted('prod/payments/k8s_ns_viewers', members)];
  const files = treeOf({ config: configOf({ roles: [viewers] }), access: access(['user.ada', 'user.bo']) });
  const edit = { athenzRole: 'k8s_ns_viewers', clusterRole: 'edit' };
  const plan = planOf({ config: configOf({ roles: [edit] }), files, access: access(['user.bo', 'user.chen']) });
  assert.deepEqual(
    plan.changes.map((change) => [
      change.kind,
      change.kind === 'permission' ? change.subjects : change.kind !== 'mapping' && change.subject.name,
    ]),
    [
      ['gain', 'user.chen'],
      ['lose', 'user.ada'],
      ['permission', 1],
    ],
  );
});

test('a Role instead of a ClusterRole of the same name is a permission change', () => {
  const access = [granted(admin, ['user.ada'])];
  const before = { athenzRole: 'k8s_ns_admins', clusterRole: 'athenz-k8s_ns_admins' };
  const files = treeOf({ config: configOf({ roles: [before] }), access });
  assert.deepEqual(
    planOf({ config, files, access }).changes.map((change) => change.kind),
    ['permission'],
  );
});

test('another Athenz domain is a mapping change', () => {
  const access = [granted(admin, ['user.ada'])];
  const files = treeOf({ config, access });
  const plan = planOf({ config, files, access: access.map((role) => ({ ...role, domain: 'eks2.payments' })) });
  assert.deepEqual(plan.changes, [
    {
      kind: 'mapping',
      cluster: 'prod',
      namespace: 'payments',
      role: 'k8s_ns_admins',
      before: 'prod.payments',
      after: 'eks2.payments',
    },
  ]);
});

test('another names mode changes every file but no access', () => {
  const access = [granted(admin, ['user.ada']), granted('prod/search/k8s_ns_admins', [])];
  const files = treeOf({ config, access });
  const plan = planOf({ config: configOf({ roles: [admins], names: 'operator' }), files, access });
  assert.deepEqual([plan.files.length, plan.changes], [2, []]);
  assert.equal(applyPlan(files, plan).size, 2);
});

test('changes are sorted by cluster, namespace, kind, role and name', () => {
  const both = configOf({ clusters: [clusterOf('prod'), clusterOf('dev')] });
  const ids = ['prod/b', 'prod/a', 'dev/b'].flatMap(
    (place) => [`${place}/k8s_ns_viewers`, `${place}/k8s_ns_admins`] as const,
  );
  const files = treeOf({ config: both, access: ids.map((id) => granted(id as typeof admin, ['user.z'])) });
  const plan = planOf({
    config: both,
    files,
    access: ids.map((id) => granted(id as typeof admin, ['user.b', 'user.a'])),
  });
  const places = plan.changes.map(
    (it) =>
      `${it.cluster} ${it.namespace} ${it.kind === 'gain' ? 1 : 2} ${it.role} ${'subject' in it && it.subject.name}`,
  );
  assert.deepEqual(places, places.toSorted());
  assert.equal(places.length, 18);
});

test('lists members that are not bindable, but not expired or suspended ones', () => {
  const droppedAs = (reason: Dropped['reason']): Dropped => ({ member: `of ${reason}`, reason, path: {} });
  const notBindable = [
    'wildcard',
    'external',
    'service-unmapped',
    'unencodable',
    'not-a-principal',
    'bad-expiration',
  ] as const;
  const unresolved = ['nested-group', 'group-missing', 'trust-missing', 'trust-not-asserted'] as const;
  const dropped = [
    ...notBindable,
    ...unresolved,
    'expired',
    'suspended',
    'pending',
    'service',
    'domain-disabled',
  ] as const;
  const plan = planOf({ config, access: [granted(admin, [], { dropped: dropped.map(droppedAs) })] });
  assert.deepEqual(
    plan.dropped.map((it) => it.dropped.reason),
    [...notBindable, ...unresolved],
  );
  assert.deepEqual([plan.held, plan.kept], [[], []]);
});

for (const [expires, soon] of [
  ['2026-11-21T02:57:00.001Z', true],
  ['2026-12-21T02:57:00.000Z', true],
  ['2026-12-21T02:57:00.001Z', false],
] as const) {
  test(`a grant that expires at ${expires} is ${soon ? '' : 'not '}reported as expiring`, () => {
    const plan = planOf({ config, access: [granted(admin, ['user.ada'], { expires })] });
    assert.equal(plan.expiring.length, soon ? 1 : 0);
  });
}

test('a grant without expiration is not reported as expiring', () => {
  assert.deepEqual(planOf({ config, access: [granted(admin, ['user.ada'])] }).expiring, []);
});
