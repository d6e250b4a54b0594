import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { domainOf } from '../../../src/model/domain.ts';
import type { RoleAccess } from '../../../src/model/grant.ts';
import type { DomainRead } from '../../../src/model/snapshot.ts';
import { type Domain, documentOf } from '../../support/company.ts';
import { type Cluster, resolveClusters } from '../../support/resolve.ts';

function resolve(
  clusters: Readonly<Record<string, Cluster>>,
  domains: Readonly<Record<string, Domain>>,
  options: Parameters<typeof resolveClusters>[2] = {},
): readonly RoleAccess[] {
  const reads = Object.entries(domains).map(([name, domain]): [string, DomainRead] => [
    name,
    { kind: 'value', value: documentOf(name, domain) },
  ]);
  return resolveClusters(clusters, new Map(reads), options);
}

/** `cluster/namespace/role` and its subjects, or the kind of its outcome. */
function summary(access: readonly RoleAccess[]) {
  return access.map(({ cluster, namespace, role, outcome }) => [
    `${cluster}/${namespace}/${role}`,
    outcome.kind === 'value' ? outcome.grants.map((grant) => grant.subject.name).join() : outcome.kind,
  ]);
}

const mallory: Domain = { roles: { admins: ['user.mallory'] } };
const jane: Domain = { roles: { admins: ['user.jane'] } };

describe('the domain of a namespace', () => {
  for (const domain of [
    'eks.users.a.b',
    'eks.users.b.a',
    'eks.users2.a',
    'eks.users2.b',
    'eks.users.a2',
    'eks.users',
    'eks.users.b-a',
    'x.eks.users.a',
    'x.eks.users.b',
    'b',
  ]) {
    test(`${domain} grants nothing in a or b`, () => {
      const cluster = { domain: 'eks.users.{namespace}', namespaces: ['a', 'b'] };
      const domains = { [domain]: mallory, 'eks.users.a': jane, 'eks.users.b': { roles: { admins: [] } } };
      assert.deepEqual(summary(resolve({ prod: cluster }, domains)), [
        ['prod/a/admins', 'user.jane'],
        ['prod/b/admins', ''],
      ]);
    });
  }

  test('a nested domain ending in the namespace does not match', () => {
    const cluster = { domain: 'eks.users.{namespace}', namespaces: ['victim'] };
    assert.deepEqual(summary(resolve({ prod: cluster }, { 'eks.users.mine.victim': mallory })), [
      ['prod/victim/admins', 'unknown'],
    ]);
  });

  test('the placeholder can be anywhere in the domain template', () => {
    const domains = { 'eks.a.prod': jane, 'eks.a.b.prod': mallory, 'eks.a': mallory };
    assert.deepEqual(summary(resolve({ prod: { domain: 'eks.{namespace}.prod', namespaces: ['a'] } }, domains)), [
      ['prod/a/admins', 'user.jane'],
    ]);
    assert.equal(domainOf({ domain: 'k8s-{namespace}_ns.x' }, 'a-b'), 'k8s-a-b_ns.x');
  });

  test('namespace a-b maps to eks.a-b, not eks.a.b', () => {
    const cluster = { domain: 'eks.{namespace}', namespaces: ['a-b'] };
    assert.deepEqual(summary(resolve({ prod: cluster }, { 'eks.a.b': mallory, 'eks.a-b': jane })), [
      ['prod/a-b/admins', 'user.jane'],
    ]);
  });
});

describe('clusters', () => {
  const domains = { 'x.a': jane, 'x.b': jane, 'y.a': mallory };

  test('are listed in config order, then by namespace and role', () => {
    const clusters = {
      two: { domain: 'y.{namespace}', namespaces: ['a'], roles: ['admins', 'viewers'] },
      one: { domain: 'x.{namespace}', namespaces: ['a', 'b'] },
    };
    const expected = [
      ['two/a/admins', 'user.mallory'],
      ['two/a/viewers', 'absent'],
      ['one/a/admins', 'user.jane'],
      ['one/b/admins', 'user.jane'],
    ];
    assert.deepEqual(summary(resolve(clusters, domains)), expected);
    assert.deepEqual(summary(resolve(clusters, domains, { inventory: ['one', 'two'] })), expected);
  });

  test('without an inventory resolve to nothing', () => {
    assert.deepEqual(resolve({ one: { domain: 'x.{namespace}', namespaces: ['a'] } }, domains, { inventory: [] }), []);
  });

  test('can share domains and get the same subjects', () => {
    const cluster = { domain: 'x.{namespace}', namespaces: ['a'] };
    assert.deepEqual(summary(resolve({ one: cluster, two: cluster }, domains)), [
      ['one/a/admins', 'user.jane'],
      ['two/a/admins', 'user.jane'],
    ]);
  });
});

describe('services as service accounts', () => {
  const members = (names: readonly string[]): Domain => ({ roles: { admins: names } });
  const one = { domain: 'x.{namespace}', namespaces: ['a'], excluded: ['kube-system'] };
  const two = { domain: 'y.{namespace}', namespaces: ['b'] };

  for (const [what, name, expected] of [
    ['maps a service of a namespace domain', 'x.a.web', '{"kind":"ServiceAccount","name":"web","namespace":"a"}'],
    ['skips an excluded namespace', 'x.kube-system.web', 'service-unmapped'],
    ["skips another cluster's domain and namespace", 'y.b.web', 'service-unmapped'],
    ['skips a namespace that only another cluster has', 'x.b.web', 'service-unmapped'],
    ["skips another cluster's domain of the same namespace", 'y.a.web', 'service-unmapped'],
    ['skips a subdomain', 'x.a.b.web', 'service-unmapped'],
    ['skips a nested domain ending in the namespace', 'x.z.a.web', 'service-unmapped'],
  ] as const) {
    test(what, () => {
      const access = resolve({ one, two }, { 'x.a': members([name]) }, { members: { services: 'ServiceAccount' } });
      const outcome = access[0]?.outcome;
      assert.ok(outcome?.kind === 'value');
      const actual = [
        ...outcome.grants.map((grant) => JSON.stringify(grant.subject)),
        ...outcome.dropped.map((dropped) => dropped.reason),
      ];
      assert.deepEqual(actual, [expected]);
    });
  }
});

describe('athenz.userDomain', () => {
  test('members directly below any of several domains are users', () => {
    const admins = ['user.jane', 'contractor.bob', 'acme.contractor.bob', 'contractor.team.bot', 'acme.ci.deployer'];
    const access = resolve(
      { one: { domain: 'x.{namespace}', namespaces: ['a'] } },
      { 'x.a': { roles: { admins } } },
      { userDomain: ['user', 'contractor'] },
    );
    assert.deepEqual(summary(access), [['one/a/admins', 'contractor.bob,user.jane']]);
  });

  for (const [userDomain, expected] of [
    ['user', 'user.jane'],
    ['people', 'people.jane'],
    ['acme.people', 'acme.people.jane'],
  ] as const) {
    test(`${userDomain}: only direct children are users`, () => {
      const admins = ['user.jane', 'people.jane', 'acme.people.jane', 'acme.people.jane.bot', 'acme.people'];
      const access = resolve(
        { one: { domain: 'x.{namespace}', namespaces: ['a'] } },
        { 'x.a': { roles: { admins } } },
        { userDomain },
      );
      assert.deepEqual(summary(access), [['one/a/admins', expected]]);
    });
  }
});
