import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  adminsOf,
  type Company,
  type Domain,
  droppedOf,
  knownAdminsOf,
  namesOf,
  resolveCompany,
} from '../../support/company.ts';

type Domains = Company['domains'];

const past = '2026-05-01T00:00:00.000Z';
const assumes: Domain['assumes'] = [['org:role.sre', '*']];

describe('the domain of a namespace', () => {
  test('confirmed absent: the role is absent', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'absent' } }), { kind: 'absent', what: 'domain', unconfirmed: [] });
  });

  test('unlisted: the role is absent and relies on the list', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'unlisted' } }), {
      kind: 'absent',
      what: 'domain',
      unconfirmed: ['eks.a'],
    });
  });

  test('without the role: the role is absent', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': { roles: { viewers: ['user.jane'] } } } }), {
      kind: 'absent',
      what: 'role',
      unconfirmed: [],
    });
  });

  test('with an empty role: known, no grants', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': { roles: { admins: [] } } } }), {
      kind: 'value',
      grants: [],
      dropped: [],
      unconfirmed: [],
    });
  });

  test('unreadable: unknown, with the problem', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'unknown' } }), {
      kind: 'unknown',
      domain: 'eks.a',
      problem: { code: 'ZMS_TIMEOUT', message: 'no answer for eks.a' },
    });
  });

  test('not in the snapshot: unknown, not absent', () => {
    const outcome = adminsOf({ domains: {} });
    assert.equal(outcome.kind, 'unknown');
    assert.ok(outcome.kind === 'unknown' && outcome.problem.code === 'SNAPSHOT_INVALID');
    assert.match(outcome.problem.message, /eks\.a/);
  });

  test('disabled: no grants, every member is dropped', () => {
    const { grants, dropped } = knownAdminsOf({
      domains: {
        'eks.a': { enabled: false, roles: { admins: ['user.jane', 'org:group.g'] } },
        org: { groups: { g: ['user.bob'] } },
      },
    });
    assert.deepEqual(grants, []);
    assert.deepEqual(
      dropped.map(({ member, reason, detail, subject }) => [member, reason, detail, subject?.name]),
      [
        ['user.bob', 'domain-disabled', 'eks.a', 'user.bob'],
        ['user.jane', 'domain-disabled', 'eks.a', 'user.jane'],
      ],
    );
  });

  test('disabled, with a delegated role: no grants', () => {
    const domains: Domains = {
      'eks.a': { enabled: false, roles: { admins: { trust: 'org' } } },
      org: { roles: { sre: ['user.jane'] }, assumes },
    };
    assert.deepEqual(namesOf({ domains }), []);
    assert.equal(droppedOf({ domains })[0]?.detail, 'eks.a');
  });
});

/** How a role refers to another domain, and whether that reference is ineffective. */
const references: readonly (readonly [string, Domain, ineffective: boolean, others?: Domains])[] = [
  ['group in the role', { roles: { admins: ['user.jane', 'org:group.g'] } }, false],
  ['expired group in the role', { roles: { admins: ['user.jane', { name: 'org:group.g', expiration: past }] } }, true],
  [
    'suspended group in the role',
    { roles: { admins: ['user.jane', { name: 'org:group.g', systemDisabled: 1 }] } },
    true,
  ],
  ['pending group in the role', { roles: { admins: ['user.jane', { name: 'org:group.g', approved: false }] } }, true],
  ['group in the role of a disabled domain', { enabled: false, roles: { admins: ['org:group.g'] } }, true],
  ['trusted domain', { roles: { admins: { trust: 'org' } } }, false],
  ['trusted domain of a disabled domain', { enabled: false, roles: { admins: { trust: 'org' } } }, true],
  [
    'group in a trusted role',
    { roles: { admins: { trust: 'far' } } },
    false,
    { far: { roles: { sre: ['org:group.g'] }, assumes: [['far:role.sre', '*']] } },
  ],
  [
    'group in trusted role of a disabled domain',
    { roles: { admins: { trust: 'far' } } },
    true,
    { far: { enabled: false, roles: { sre: ['org:group.g'] }, assumes: [['far:role.sre', '*']] } },
  ],
  [
    'group listed twice, once expired',
    { roles: { admins: [{ name: 'org:group.g', expiration: past }, 'org:group.g'] } },
    false,
  ],
];

describe('a domain that a role refers to', () => {
  for (const [what, own, ineffective, others = {}] of references) {
    const domains: Domains = { 'eks.a': own, ...others };

    test(`${what}: ${ineffective ? 'known' : 'unknown'} if the domain is unreadable`, () => {
      const outcome = adminsOf({ domains: { ...domains, org: 'unknown' } });
      if (ineffective) assert.equal(outcome.kind, 'value');
      else {
        assert.deepEqual(outcome, {
          kind: 'unknown',
          domain: 'org',
          problem: { code: 'ZMS_TIMEOUT', message: 'no answer for org' },
        });
      }
    });

    test(`${what}: ${ineffective ? 'does not rely' : 'relies'} on an unlisted domain`, () => {
      assert.deepEqual(
        knownAdminsOf({ domains: { ...domains, org: 'unlisted' } }).unconfirmed,
        ineffective ? [] : ['org'],
      );
    });

    test(`${what}: known if the domain is absent`, () => {
      assert.deepEqual(knownAdminsOf({ domains: { ...domains, org: 'absent' } }).unconfirmed, []);
    });
  }

  test('an unreadable group in one role does not make another role unknown', () => {
    const domains: Domains = {
      'eks.a': { roles: { admins: ['user.jane'], viewers: ['org:group.g'] } },
      org: 'unknown',
    };
    const [admins, viewers] = resolveCompany({ domains });
    assert.deepEqual([admins?.outcome.kind, viewers?.outcome.kind], ['value', 'unknown']);
  });

  test('unlisted domains are reported once each, sorted', () => {
    const members = ['z:group.g', 'b:group.g', 'z:group.h', 'm:group.g'];
    const domains: Domains = { 'eks.a': { roles: { admins: members } }, z: 'unlisted', b: 'unlisted', m: 'absent' };
    assert.deepEqual(knownAdminsOf({ domains }).unconfirmed, ['b', 'z']);
  });
});
