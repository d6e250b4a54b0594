import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainDocument } from '../../../src/model/domain.ts';
import type { DomainRead } from '../../../src/model/snapshot.ts';
import { type Domain, documentOf } from '../../support/company.ts';
import { resolveClusters } from '../../support/resolve.ts';

/** Resolves `admins` of every `eks.<namespace>` and counts property reads of the documents. */
function workOf(namespaces: readonly string[], domains: ReadonlyMap<string, Domain>) {
  const work = { reads: 0 };
  const reads = [...domains].map(([name, domain]): [string, DomainRead] => [
    name,
    { kind: 'value', value: countReads(documentOf(name, domain), work) as DomainDocument },
  ]);
  const cluster = { domain: 'eks.{namespace}', namespaces };
  const access = resolveClusters({ prod: cluster }, new Map(reads), { members: { services: 'ServiceAccount' } });
  const grants = access.flatMap(({ outcome }) => (outcome.kind === 'value' ? outcome.grants : []));
  return { reads: work.reads, grants: grants.length };
}

/** Counts property reads, at any depth. */
function countReads(target: object, work: { reads: number }): object {
  return new Proxy(target, {
    get(object, key, receiver) {
      work.reads += 1;
      const value: unknown = Reflect.get(object, key, receiver);
      return typeof value === 'object' && value !== null ? countReads(value, work) : value;
    },
  });
}

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Each namespace delegates its role to one domain, with its own assertion and role there. */
function manyDelegated(count: number) {
  const namespaces = names(count, 'ns');
  const org: Domain = {
    roles: Object.fromEntries(namespaces.map((name) => [name, [`user.${name}`]])),
    assumes: namespaces.map((name) => [`org:role.${name}`, `eks.${name}:role.admins`]),
  };
  const own = namespaces.map((name): [string, Domain] => [`eks.${name}`, { roles: { admins: { trust: 'org' } } }]);
  return workOf(namespaces, new Map([...own, ['org', org]]));
}

/** Each namespace has its own group of one domain in its role. */
function manyGroups(count: number) {
  const namespaces = names(count, 'ns');
  const groups = Object.fromEntries(namespaces.map((name) => [name, [`user.${name}`]]));
  const own = namespaces.map((name): [string, Domain] => [
    `eks.${name}`,
    { roles: { admins: [`org:group.${name}`, `eks.${name}.web`] } },
  ]);
  return workOf(namespaces, new Map([...own, ['org', { groups }]]));
}

/** One role that many roles may assume, all with the same member. */
function manyPaths(count: number) {
  const assuming = names(count, 'role');
  const org: Domain = {
    roles: Object.fromEntries(assuming.map((name) => [name, ['user.jane']])),
    assumes: assuming.map((name) => [`org:role.${name}`, 'eks.a:role.admins']),
  };
  return workOf(
    ['a'],
    new Map([
      ['eks.a', { roles: { admins: { trust: 'org' } } }],
      ['org', org],
    ]),
  );
}

for (const [what, make] of [
  ['delegated roles, each with an assertion', manyDelegated],
  ['groups of one domain', manyGroups],
  ['paths to one member', manyPaths],
] as const) {
  test(`work grows linearly with ${what}`, () => {
    const [one, two] = [make(1000), make(2000)];
    assert.ok(one.reads > 1000, `counted reads: ${one.reads}`);
    assert.ok(one.grants > 0);
    assert.ok(two.reads <= one.reads * 2.1, `${one.reads} and ${two.reads} reads`);
  });
}

test('a document is indexed once for all roles that refer to it', () => {
  const team = names(2000, 'user.u');
  const org: Domain = {
    groups: Object.fromEntries(names(500, 'g').map((name) => [name, []])),
    roles: { sre: ['user.jane'], team },
    assumes: names(500, 'r').map((name) => [`org:role.${name}`, `x:role.${name}`]),
  };
  const resolve = (count: number) => {
    const own = names(count, 'ns').map((name): [string, Domain] => [
      `eks.${name}`,
      { roles: { admins: { trust: 'org' } } },
    ]);
    return workOf(names(count, 'ns'), new Map([...own, ['org', org]])).reads;
  };
  const each = (resolve(101) - resolve(1)) / 100;
  assert.ok(each < 40, `${each} reads per additional role`);
});

test('a glob with many stars terminates', () => {
  const namespace = 'a'.repeat(63);
  const assumes = [['org:role.sre', `${'*a'.repeat(60)}*b*`]] as const;
  const domains = new Map<string, Domain>([
    [`eks.${namespace}`, { roles: { admins: { trust: 'org' } } }],
    ['org', { roles: { sre: ['user.jane'] }, assumes }],
  ]);
  assert.equal(workOf([namespace], domains).grants, 0);
});
