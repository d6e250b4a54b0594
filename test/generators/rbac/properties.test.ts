import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MembersConfig } from '../../../src/config/types.ts';
import type { DomainDocument, Member } from '../../../src/model/domain.ts';
import type { RoleAccess } from '../../../src/model/grant.ts';
import type { DomainRead } from '../../../src/model/snapshot.ts';
import { oracleSubjects } from '../../support/oracle.ts';
import { trials } from '../../support/properties.ts';
import { company, namespaces, readsOf } from '../../support/random-company.ts';
import { at, resolveClusters } from '../../support/resolve.ts';

const roles = ['admins', 'viewers'];
const clusters = { prod: { domain: 'd.{namespace}', namespaces, roles } };

function resolve(reads: ReadonlyMap<string, DomainRead>, services: MembersConfig['services'] = 'User') {
  return resolveClusters(clusters, reads, { members: { services } });
}

function namesOf({ outcome }: RoleAccess): readonly string[] {
  return outcome.kind === 'value' ? outcome.grants.map((grant) => grant.subject.name) : [];
}

test('grants match an independent implementation of the rules', () => {
  const seen = { direct: 0, group: 0, trust: 0, groupInTrust: 0, several: 0, dropped: new Set<string>() };
  fc.assert(
    fc.property(company, fc.constantFrom('skip', 'User'), (domains, services) => {
      const access = resolve(readsOf(domains), services);
      for (const role of roles) {
        const recording = {
          dir: '',
          takenAt: at,
          list: [],
          namespaces,
          domains: new Map(domains.map((d) => [d.name, d])),
        };
        const oracle = oracleSubjects(recording, { at, domainOf: (namespace) => `d.${namespace}`, role, services });
        for (const namespace of namespaces) {
          const own = access.find((it) => it.namespace === namespace && it.role === role) ?? assert.fail();
          assert.deepEqual(namesOf(own), oracle.get(namespace), `${namespace} ${role}`);
        }
      }
      for (const { outcome } of access) {
        if (outcome.kind !== 'value') continue;
        for (const { reason } of outcome.dropped) seen.dropped.add(reason);
        for (const { paths } of outcome.grants) {
          if (paths.length > 1) seen.several += 1;
          for (const { trust, group } of paths) {
            seen[trust && group ? 'groupInTrust' : trust ? 'trust' : group ? 'group' : 'direct'] += 1;
          }
        }
      }
    }),
    { numRuns: trials(1000) },
  );
  // Guards against a vacuous comparison.
  const { dropped, ...counts } = seen;
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 20, `${what}: ${count}`);
  assert.ok(dropped.size >= 10, [...dropped].join());
});

/** Reads with some documents unreadable or unlisted. */
const partialReads = fc
  .tuple(company, fc.array(fc.constantFrom('org', 'far', 'd.a', 'd.a.b', 'd.b'), { maxLength: 2 }), fc.boolean())
  .map(([domains, lost, unlisted]) => {
    const reads = readsOf(domains);
    for (const name of lost) {
      const problem = { code: 'ZMS_TIMEOUT', message: name } as const;
      reads.set(name, unlisted ? { kind: 'absent', confirmed: false } : { kind: 'unknown', problem });
    }
    return reads;
  });

test('the order of domains, roles, members, groups and assertions does not matter', () => {
  fc.assert(
    fc.property(partialReads, fc.nat(), (reads, seed) => {
      const shuffle = shuffler(seed);
      const mixed = shuffle([...reads]).map(([name, read]): [string, DomainRead] => {
        if (read.kind !== 'value') return [name, read];
        const { roles: all, groups, assumes, ...rest } = read.value;
        const members = <T extends { readonly members: readonly Member[] }>(it: T) => ({
          ...it,
          members: shuffle(it.members),
        });
        const value = {
          ...rest,
          roles: shuffle(all).map(members),
          groups: shuffle(groups).map(members),
          assumes: shuffle(assumes),
        };
        return [name, { kind: 'value', value }];
      });
      assert.deepEqual(resolve(new Map(mixed)), resolve(reads));
    }),
    { numRuns: trials(300) },
  );
});

const past = '2026-05-01T00:00:00.000Z';
const harmless: readonly Member[] = [
  { name: 'user.u1', expiration: past },
  { name: 'user.u1', expiration: at.toISOString() },
  { name: 'user.u2', systemDisabled: 4 },
  { name: 'user.u3', active: false },
  { name: 'user.u4', expiration: 'never' },
  { name: 'user.*' },
  { name: '*' },
  { name: 'org:ext.u1' },
  { name: 'nobody' },
  { name: 'user.\ud800' },
  { name: 'org:group.nothing' },
  { name: 'org:group.g', expiration: past },
  { name: 'far:group.h', systemDisabled: 1 },
];

test('adding a dropped member changes no grant', () => {
  const where = fc.record({ domain: fc.nat(), list: fc.nat(), index: fc.nat(), member: fc.constantFrom(...harmless) });
  fc.assert(
    fc.property(partialReads, where, (reads, { domain, list, index, member }) => {
      // A group is only known to be missing if its domain was read.
      fc.pre(member.name !== 'org:group.nothing' || reads.get('org')?.kind === 'value');
      const documents = [...reads.values()].flatMap((read) => (read.kind === 'value' ? [read.value] : []));
      const target = documents[domain % Math.max(1, documents.length)];
      fc.pre(target !== undefined);
      const more = new Map(reads);
      more.set(target.name, { kind: 'value', value: withMember(target, list, index, member) });
      assert.deepEqual(resolve(more).map(withoutDropped), resolve(reads).map(withoutDropped));
    }),
    { numRuns: trials(300) },
  );
});

/** Adds a member to one of the roles or groups of a document. */
function withMember(document: DomainDocument, list: number, index: number, member: Member): DomainDocument {
  const number = list % Math.max(1, document.roles.length + document.groups.length);
  const add = <T extends { readonly members: readonly Member[] }>(
    items: readonly T[],
    selected: number,
  ): readonly T[] =>
    items.map((item, position) =>
      position === selected
        ? { ...item, members: item.members.toSpliced(index % (item.members.length + 1), 0, member) }
        : item,
    );
  return {
    ...document,
    roles: add(document.roles, number),
    groups: add(document.groups, number - document.roles.length),
  };
}

function withoutDropped({ outcome, ...access }: RoleAccess) {
  return { ...access, outcome: outcome.kind === 'value' ? { ...outcome, dropped: [] } : outcome };
}

/** A seeded shuffle. */
function shuffler(seed: number): <T>(items: readonly T[]) => T[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return (items) => {
    const keyed = items.map((item) => [next(), item] as const);
    return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
  };
}
