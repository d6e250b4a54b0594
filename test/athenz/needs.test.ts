import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { confirmAbsences, poll } from '../../src/athenz/poll.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { type Domain, documentOf } from '../support/company.ts';
import { fakeZms } from '../support/fake-zms.ts';
import { trials } from '../support/properties.ts';
import { company, namespaces, readsOf } from '../support/random-company.ts';
import { resolveClusters } from '../support/resolve.ts';

// A poll fetches one document per domain that access depends on, and no others.

const roles = new Set(['admins', 'viewers']);

interface Case {
  readonly domains: Readonly<Record<string, Domain>>;
  readonly wanted?: readonly string[];
  /** Names of the requested documents, sorted. */
  readonly requested: readonly string[];
  readonly absent?: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  'nothing when no domain is wanted': { domains: { 'eks.a': {} }, wanted: [], requested: [] },
  'the wanted domains and no others': {
    domains: { 'eks.a': {}, 'eks.b': {}, 'eks.c': {}, user: {} },
    wanted: ['eks.a', 'eks.c'],
    requested: ['eks.a', 'eks.c'],
  },
  'nothing for a wanted domain that is not listed': {
    domains: { 'eks.a': {} },
    wanted: ['eks.a', 'eks.gone'],
    requested: ['eks.a'],
    absent: ['eks.gone'],
  },
  'the domain of groups once, however many roles contain them': {
    domains: {
      'eks.a': { roles: { admins: ['org:group.g', 'org:group.h'], viewers: ['org:group.g'] } },
      'eks.b': { roles: { admins: ['org:group.g'] } },
      org: { groups: { g: [], h: [] } },
    },
    wanted: ['eks.a', 'eks.b'],
    requested: ['eks.a', 'eks.b', 'org'],
  },
  'nothing for a group whose domain is not listed': {
    domains: { 'eks.a': { roles: { admins: ['gone:group.g'] } } },
    requested: ['eks.a'],
    absent: ['gone'],
  },
  'nothing extra for a group of a wanted domain': {
    domains: {
      'eks.a': { roles: { admins: ['eks.b:group.g', 'eks.a:group.own'] }, groups: { own: [] } },
      'eks.b': { groups: { g: [] } },
    },
    wanted: ['eks.a', 'eks.b'],
    requested: ['eks.a', 'eks.b'],
  },
  // Its members may explain a lost grant.
  'the domain of an expired group': {
    domains: {
      'eks.a': { roles: { admins: [{ name: 'org:group.g', expiration: '2000-01-01T00:00:00.000Z' }] } },
      org: {},
    },
    requested: ['eks.a', 'org'],
  },
  'nothing for users, services, wildcards and invalid principals': {
    domains: {
      'eks.a': { roles: { admins: ['user.ada', 'org.bot', 'org.*', '*', 'org:ext.x', 'org:group.', ':group.x', ''] } },
      org: {},
      user: {},
    },
    requested: ['eks.a'],
  },
  'nothing for groups and trusts of roles that are not configured': {
    domains: {
      'eks.a': { roles: { admin: ['org:group.g'], deploy: { trust: 'platform' } } },
      org: {},
      platform: {},
    },
    requested: ['eks.a'],
  },
  'a trusted domain and the group domains of its assuming roles': {
    domains: {
      'eks.a': { roles: { viewers: { trust: 'platform' } } },
      platform: {
        roles: { sre: ['people:group.sre'], other: ['never:group.x'], late: ['never:group.y'] },
        assumes: [
          ['platform:role.sre', 'eks.*:role.viewers'],
          ['platform:role.other', 'eks.*:role.admins'],
          ['platform:role.late', 'far.*:role.viewers'],
          ['elsewhere:role.sre', 'eks.*:role.viewers'],
        ],
      },
      people: {},
      never: {},
    },
    requested: ['eks.a', 'people', 'platform'],
  },
  'nothing for a trusted domain that is not listed': {
    domains: { 'eks.a': { roles: { viewers: { trust: 'gone' } } } },
    requested: ['eks.a'],
    absent: ['gone'],
  },
  'nothing beyond a trusted role that is itself delegated': {
    domains: {
      'eks.a': { roles: { viewers: { trust: 'platform' } } },
      platform: { roles: { sre: { trust: 'further' } }, assumes: [['platform:role.sre', '*']] },
      further: {},
    },
    requested: ['eks.a', 'platform'],
  },
  'nothing for a group inside a group': {
    domains: {
      'eks.a': { roles: { admins: ['org:group.g'] } },
      org: { groups: { g: ['far:group.h'] } },
      far: {},
    },
    requested: ['eks.a', 'org'],
  },
  'a trusted domain that also has groups once': {
    domains: {
      'eks.a': { roles: { admins: ['platform:group.g'], viewers: { trust: 'platform' } } },
      platform: { roles: { sre: ['platform:group.g', 'eks.a:group.z'] }, assumes: [['platform:role.sre', '*']] },
    },
    requested: ['eks.a', 'platform'],
  },
  'domains that trust each other once each': {
    domains: {
      'eks.a': { roles: { viewers: { trust: 'eks.b' } }, assumes: [['eks.a:role.viewers', '*']] },
      'eks.b': { roles: { viewers: { trust: 'eks.a' } }, assumes: [['eks.b:role.viewers', '*']] },
    },
    wanted: ['eks.a', 'eks.b'],
    requested: ['eks.a', 'eks.b'],
  },
  'a disabled domain and its group domains': {
    domains: { 'eks.a': { enabled: false, roles: { admins: ['org:group.g'] } }, org: {} },
    requested: ['eks.a', 'org'],
  },
};
for (const [name, { domains, wanted = ['eks.a'], requested, absent = [] }] of Object.entries(cases)) {
  test(`a poll fetches ${name}`, async () => {
    const zms = fakeZms(new Map(Object.entries(domains).map(([domain, it]) => [domain, documentOf(domain, it)])));
    const snapshot = await runPoll(zms, wanted);
    assert.deepEqual(zms.documents.toSorted(), requested);
    const kinds = [...snapshot.domains].map(([domain, { kind }]) => `${domain} ${kind}`);
    const expected = [...requested.map((domain) => `${domain} value`), ...absent.map((domain) => `${domain} absent`)];
    assert.deepEqual(kinds.toSorted(), expected.toSorted());
  });
}

test('follows only the wanted roles of each domain', async () => {
  const zms = fakeZms(
    new Map(
      Object.entries<Domain>({
        'eks.a': { roles: { admins: ['one:group.g'], viewers: ['two:group.g'] } },
        'eks.b': { roles: { admins: ['three:group.g'], viewers: ['four:group.g'] } },
        one: {},
        two: {},
        three: {},
        four: {},
      }).map(([domain, it]) => [domain, documentOf(domain, it)]),
    ),
  );
  const wanted = new Map([
    ['eks.a', new Set(['admins'])],
    ['eks.b', new Set(['viewers'])],
  ]);
  await poll({ zms, wanted, userDomain: 'user', now: Date.now });
  assert.deepEqual(zms.documents.toSorted(), ['eks.a', 'eks.b', 'four', 'one']);
});

test('treats "user" as an ordinary domain when userDomain differs', async () => {
  const domain = documentOf('eks.a', { roles: { admins: ['user:group.g', 'people.ada'] } });
  const zms = fakeZms(new Map([['eks.a', domain]]));
  const snapshot = await poll({ zms, wanted: new Map([['eks.a', roles]]), userDomain: 'people', now: Date.now });
  assert.deepEqual([...snapshot.domains.keys()].toSorted(), ['eks.a', 'user']);
});

test('a polled snapshot resolves the same access as the whole server', async () => {
  const prod = { domain: 'd.{namespace}', namespaces, roles: [...roles] };
  await fc.assert(
    fc.asyncProperty(company, async (domains) => {
      const whole = readsOf(domains);
      const listed = [...whole].flatMap(([name, read]) => (read.kind === 'value' ? [[name, read.value] as const] : []));
      const zms = fakeZms(new Map(listed));
      const snapshot = await runPoll(
        zms,
        namespaces.map((namespace) => `d.${namespace}`),
      );
      const absent = [...snapshot.domains].flatMap(([name, { kind }]) => (kind === 'absent' ? [name] : []));
      const { domains: polled } = await confirmAbsences(zms, snapshot, absent);
      assert.deepEqual(resolveClusters({ prod }, polled), resolveClusters({ prod }, whole));
      assert.equal(new Set(zms.documents).size, zms.documents.length, 'a document was fetched twice');
    }),
    { numRuns: trials(75) },
  );
});

function runPoll(zms: ReturnType<typeof fakeZms>, names: readonly string[]): Promise<Snapshot> {
  const wanted = new Map(names.map((name) => [name, roles]));
  return poll({ zms, wanted, userDomain: 'user', now: Date.now });
}
