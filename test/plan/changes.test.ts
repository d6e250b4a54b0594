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

test('a gain says through what, and until when', () => {
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
  ['nothing is said of', [], 'not-a-member', undefined, false],
  ['somebody else expired', [ended('expired', 'user.bo', late)], 'not-a-member', undefined, false],
  ['expired', [ended('expired', 'user.ada', late)], 'expired', late, true],
  [
    'expired on two ways',
    [ended('expired', 'user.ada', late), ended('expired', 'user.ada', early)],
    'expired',
    late,
    true,
  ],
  ['is suspended', [ended('suspended', 'user.ada')], 'suspended', undefined, true],
  ['is of a disabled domain', [ended('domain-disabled', 'user.ada', 'acme')], 'domain-disabled', 'acme', true],
  ['waits for approval', [ended('pending', 'user.ada')], 'not-a-subject', 'pending', false],
  [
    'waits for approval here and expired there',
    [ended('pending', 'user.ada'), ended('expired', 'user.ada', late)],
    'expired',
    late,
    true,
  ],
  [
    'has an unreadable expiration',
    [ended('bad-expiration', 'user.ada', 'soon')],
    'not-a-subject',
    'bad-expiration',
    false,
  ],
];

for (const [name, dropped, reason, detail, proven] of reasons) {
  for (const order of [dropped, dropped.toReversed()]) {
    if (order !== dropped && dropped.length < 2) continue;
    test(`somebody who ${name} loses access as ${reason}${order === dropped ? '' : ', in any order'}`, () => {
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
  ['narrower rules', { ...pods, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, true],
  ['a ClusterRole', { athenzRole: 'k8s_ns_admins', clusterRole: 'view' }, true],
  [
    'rules narrowed to some names',
    {
      ...pods,
      rules: [
        { apiGroups: ['', 'apps'], resources: ['pods', 'deployments'], verbs: ['get', 'list'], resourceNames: ['a'] },
      ],
    },
    true,
  ],
  [
    'the same rules in another order and twice',
    {
      ...pods,
      rules: Array(2)
        .fill({ apiGroups: ['apps', ''], resources: ['deployments', 'pods', 'pods'], verbs: ['list', 'get'] })
        .slice(1),
    },
    false,
  ],
] as const) {
  test(`${name} for the same people ${changes ? 'is a change of permission' : 'changes files alone'}`, () => {
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

test('another ClusterRole is a change of permission, and counts only who stays', () => {
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

test('an own Role instead of a ClusterRole of its name is a change of permission', () => {
  const access = [granted(admin, ['user.ada'])];
  const before = { athenzRole: 'k8s_ns_admins', clusterRole: 'athenz-k8s_ns_admins' };
  const files = treeOf({ config: configOf({ roles: [before] }), access });
  assert.deepEqual(
    planOf({ config, files, access }).changes.map((change) => change.kind),
    ['permission'],
  );
});

test('another Athenz domain for the same people is named as such, with both', () => {
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

test('another way of naming objects changes every file and nobody', () => {
  const access = [granted(admin, ['user.ada']), granted('prod/search/k8s_ns_admins', [])];
  const files = treeOf({ config, access });
  const plan = planOf({ config: configOf({ roles: [admins], names: 'operator' }), files, access });
  assert.deepEqual([plan.files.length, plan.changes], [2, []]);
  assert.equal(applyPlan(files, plan).size, 2);
});

test('changes stand by cluster, namespace, kind, role and name', () => {
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

test('members that can be no subject are listed once each, those that merely ended are not', () => {
  const said = (reason: Dropped['reason']): Dropped => ({ member: `of ${reason}`, reason, path: {} });
  const odd = ['wildcard', 'external', 'service-unmapped', 'unencodable', 'not-a-principal', 'bad-expiration'] as const;
  const more = ['nested-group', 'group-missing', 'trust-missing', 'trust-not-asserted'] as const;
  const dropped = [...odd, ...more, 'expired', 'suspended', 'pending', 'service', 'domain-disabled'] as const;
  const plan = planOf({ config, access: [granted(admin, [], { dropped: dropped.map(said) })] });
  assert.deepEqual(
    plan.dropped.map((it) => it.dropped.reason),
    [...odd, ...more],
  );
  assert.deepEqual([plan.held, plan.kept], [[], []]);
});

for (const [expires, soon] of [
  ['2026-11-21T02:57:00.001Z', true],
  ['2026-12-21T02:57:00.000Z', true],
  ['2026-12-21T02:57:00.001Z', false],
] as const) {
  test(`a grant that ends at ${expires} is ${soon ? '' : 'not '}named as ending within 30 days`, () => {
    const plan = planOf({ config, access: [granted(admin, ['user.ada'], { expires })] });
    assert.equal(plan.expiring.length, soon ? 1 : 0);
  });
}

test('a grant without an end does not end soon', () => {
  assert.deepEqual(planOf({ config, access: [granted(admin, ['user.ada'])] }).expiring, []);
});
