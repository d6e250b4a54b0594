import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainDocument } from '../../src/model/domain.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import { type Domain, documentOf } from '../support/company.ts';
import { resolveClusters } from '../support/resolve.ts';

/** Resolves `admins` of every `eks.<namespace>` and counts how often something of a document is looked at. */
function workOf(namespaces: readonly string[], domains: ReadonlyMap<string, Domain>) {
  const work = { reads: 0 };
  const reads = [...domains].map(([name, domain]): [string, DomainRead] => [
    name,
    { kind: 'value', value: watched(documentOf(name, domain), work) as DomainDocument },
  ]);
  const cluster = { domain: 'eks.{namespace}', namespaces };
  const access = resolveClusters({ prod: cluster }, new Map(reads), { members: { services: 'ServiceAccount' } });
  const grants = access.flatMap(({ outcome }) => (outcome.kind === 'value' ? outcome.grants : []));
  return { reads: work.reads, grants: grants.length };
}

/** Counts every property that is read, at any depth. */
function watched(target: object, work: { reads: number }): object {
  return new Proxy(target, {
    get(object, key, receiver) {
      work.reads += 1;
      const value: unknown = Reflect.get(object, key, receiver);
      return typeof value === 'object' && value !== null ? watched(value, work) : value;
    },
  });
}

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Every namespace's role is delegated to one domain, by an assertion and a role of its own. */
function manyDelegated(count: number) {
  const namespaces = names(count, 'ns');
  const org: Domain = {
    roles: Object.fromEntries(namespaces.map((name) => [name, [`user.${name}`]])),
    assumes: namespaces.map((name) => [`org:role.${name}`, `eks.${name}:role.admins`]),
  };
  const own = namespaces.map((name): [string, Domain] => [`eks.${name}`, { roles: { admins: { trust: 'org' } } }]);
  return workOf(namespaces, new Map([...own, ['org', org]]));
}

/** Every namespace's role holds its own group of one domain. */
function manyGroups(count: number) {
  const namespaces = names(count, 'ns');
  const groups = Object.fromEntries(namespaces.map((name) => [name, [`user.${name}`]]));
  const own = namespaces.map((name): [string, Domain] => [
    `eks.${name}`,
    { roles: { admins: [`org:group.${name}`, `eks.${name}.web`] } },
  ]);
  return workOf(namespaces, new Map([...own, ['org', { groups }]]));
}

/** One role that is assumed by many, all of which hold the same person. */
function manyWays(count: number) {
  const lending = names(count, 'role');
  const org: Domain = {
    roles: Object.fromEntries(lending.map((name) => [name, ['user.jane']])),
    assumes: lending.map((name) => [`org:role.${name}`, 'eks.a:role.admins']),
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
  ['ways to one person', manyWays],
] as const) {
  test(`twice as many ${what} are twice the work, not four times`, () => {
    const [one, two] = [make(1000), make(2000)];
    assert.ok(one.reads > 1000, `the reads are counted: ${one.reads}`);
    assert.ok(one.grants > 0);
    assert.ok(two.reads <= one.reads * 2.1, `${one.reads} and ${two.reads} reads`);
  });
}

test('a document is looked through once, however many roles lead to it', () => {
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
  assert.ok(each < 40, `${each} reads for each role more`);
});

test('a glob of many stars comes to an end', () => {
  const namespace = 'a'.repeat(63);
  const assumes = [['org:role.sre', `${'*a'.repeat(60)}*b*`]] as const;
  const domains = new Map<string, Domain>([
    [`eks.${namespace}`, { roles: { admins: { trust: 'org' } } }],
    ['org', { roles: { sre: ['user.jane'] }, assumes }],
  ]);
  assert.equal(workOf([namespace], domains).grants, 0);
});
