import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { domainOf } from '../../src/model/domain.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import { type Domain, documentOf } from '../support/company.ts';
import { type Cluster, resolveClusters } from '../support/resolve.ts';

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

/** `cluster/namespace/role` and who has it, or how the role ended. */
function shown(access: readonly RoleAccess[]) {
  return access.map(({ cluster, namespace, role, outcome }) => [
    `${cluster}/${namespace}/${role}`,
    outcome.kind === 'value' ? outcome.grants.map((grant) => grant.subject.name).join() : outcome.kind,
  ]);
}

const mallory: Domain = { roles: { admins: ['user.mallory'] } };
const jane: Domain = { roles: { admins: ['user.jane'] } };

describe('which domain a namespace is', () => {
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
      assert.deepEqual(shown(resolve({ prod: cluster }, domains)), [
        ['prod/a/admins', 'user.jane'],
        ['prod/b/admins', ''],
      ]);
    });
  }

  test('a namespace of a nested domain’s last name is not that domain, even where its own is missing', () => {
    const cluster = { domain: 'eks.users.{namespace}', namespaces: ['victim'] };
    assert.deepEqual(shown(resolve({ prod: cluster }, { 'eks.users.mine.victim': mallory })), [
      ['prod/victim/admins', 'unknown'],
    ]);
  });

  test('the placeholder may stand anywhere, at the same depth', () => {
    const domains = { 'eks.a.prod': jane, 'eks.a.b.prod': mallory, 'eks.a': mallory };
    assert.deepEqual(shown(resolve({ prod: { domain: 'eks.{namespace}.prod', namespaces: ['a'] } }, domains)), [
      ['prod/a/admins', 'user.jane'],
    ]);
    assert.equal(domainOf({ domain: 'k8s-{namespace}_ns.x' }, 'a-b'), 'k8s-a-b_ns.x');
  });

  test('dashes of a namespace stay dashes: a-b and a.b are two domains', () => {
    const cluster = { domain: 'eks.{namespace}', namespaces: ['a-b'] };
    assert.deepEqual(shown(resolve({ prod: cluster }, { 'eks.a.b': mallory, 'eks.a-b': jane })), [
      ['prod/a-b/admins', 'user.jane'],
    ]);
  });
});

describe('clusters', () => {
  const domains = { 'x.a': jane, 'x.b': jane, 'y.a': mallory };

  test('come in the order of the config, then namespaces, then roles', () => {
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
    assert.deepEqual(shown(resolve(clusters, domains)), expected);
    assert.deepEqual(shown(resolve(clusters, domains, { inventory: ['one', 'two'] })), expected);
  });

  test('without an inventory have no namespaces', () => {
    assert.deepEqual(resolve({ one: { domain: 'x.{namespace}', namespaces: ['a'] } }, domains, { inventory: [] }), []);
  });

  test('may share the domains: the same people in both', () => {
    const cluster = { domain: 'x.{namespace}', namespaces: ['a'] };
    assert.deepEqual(shown(resolve({ one: cluster, two: cluster }, domains)), [
      ['one/a/admins', 'user.jane'],
      ['two/a/admins', 'user.jane'],
    ]);
  });
});

describe('a service becomes a service account', () => {
  const members = (names: readonly string[]): Domain => ({ roles: { admins: names } });
  const one = { domain: 'x.{namespace}', namespaces: ['a'], excluded: ['kube-system'] };
  const two = { domain: 'y.{namespace}', namespaces: ['b'] };

  for (const [what, name, expected] of [
    ['of a namespace of this cluster', 'x.a.web', '{"kind":"ServiceAccount","name":"web","namespace":"a"}'],
    ['not of an excluded namespace', 'x.kube-system.web', 'service-unmapped'],
    ['not of another cluster’s namespace', 'y.b.web', 'service-unmapped'],
    ['not of this cluster’s domain for another cluster’s namespace', 'x.b.web', 'service-unmapped'],
    ['not of the other cluster’s domain for this namespace', 'y.a.web', 'service-unmapped'],
    ['not of a domain below', 'x.a.b.web', 'service-unmapped'],
    ['not of a nested domain whose last name is the namespace', 'x.z.a.web', 'service-unmapped'],
  ] as const) {
    test(what, () => {
      const access = resolve({ one, two }, { 'x.a': members([name]) }, { members: { services: 'ServiceAccount' } });
      const outcome = access[0]?.outcome;
      assert.ok(outcome?.kind === 'value');
      const found = [
        ...outcome.grants.map((grant) => JSON.stringify(grant.subject)),
        ...outcome.dropped.map((dropped) => dropped.reason),
      ];
      assert.deepEqual(found, [expected]);
    });
  }
});

describe('athenz.userDomain', () => {
  for (const [userDomain, expected] of [
    ['user', 'user.jane'],
    ['people', 'people.jane'],
    ['acme.people', 'acme.people.jane'],
  ] as const) {
    test(`${userDomain}: only its direct members are people`, () => {
      const admins = ['user.jane', 'people.jane', 'acme.people.jane', 'acme.people.jane.bot', 'acme.people'];
      const access = resolve(
        { one: { domain: 'x.{namespace}', namespaces: ['a'] } },
        { 'x.a': { roles: { admins } } },
        { userDomain },
      );
      assert.deepEqual(shown(access), [['one/a/admins', expected]]);
    });
  }
});
