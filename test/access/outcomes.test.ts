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
} from '../support/company.ts';

type Domains = Company['domains'];

const past = '2026-05-01T00:00:00.000Z';
const lends: Domain['assumes'] = [['org:role.sre', '*']];

describe('a namespace’s own domain', () => {
  test('absent from a server that says so: the role is absent', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'absent' } }), { kind: 'absent', what: 'domain', relies: [] });
  });

  test('absent from the list alone: absent, resting on that', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'unlisted' } }), {
      kind: 'absent',
      what: 'domain',
      relies: ['eks.a'],
    });
  });

  test('without the role: the role is absent, from a document that was read', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': { roles: { viewers: ['user.jane'] } } } }), {
      kind: 'absent',
      what: 'role',
      relies: [],
    });
  });

  test('with the role but nobody in it: known, and empty', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': { roles: { admins: [] } } } }), {
      kind: 'value',
      grants: [],
      dropped: [],
      relies: [],
    });
  });

  test('that could not be read: unknown, with what went wrong', () => {
    assert.deepEqual(adminsOf({ domains: { 'eks.a': 'unknown' } }), {
      kind: 'unknown',
      domain: 'eks.a',
      problem: { code: 'ZMS_TIMEOUT', message: 'no answer for eks.a' },
    });
  });

  test('that the snapshot lacks: unknown, never absent', () => {
    const outcome = adminsOf({ domains: {} });
    assert.equal(outcome.kind, 'unknown');
    assert.ok(outcome.kind === 'unknown' && outcome.problem.code === 'SNAPSHOT_INVALID');
    assert.match(outcome.problem.message, /eks\.a/);
  });

  test('disabled: nobody, and every member is named with the domain', () => {
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

  test('disabled, with a delegated role: nobody', () => {
    const domains: Domains = {
      'eks.a': { enabled: false, roles: { admins: { trust: 'org' } } },
      org: { roles: { sre: ['user.jane'] }, assumes: lends },
    };
    assert.deepEqual(namesOf({ domains }), []);
    assert.equal(droppedOf({ domains })[0]?.detail, 'eks.a');
  });
});

/** Another domain that the role leads to, by how the way to it stands. */
const ways: readonly (readonly [string, Domain, ended: boolean, others?: Domains])[] = [
  ['a group in the role', { roles: { admins: ['user.jane', 'org:group.g'] } }, false],
  [
    'a group in the role that has expired',
    { roles: { admins: ['user.jane', { name: 'org:group.g', expiration: past }] } },
    true,
  ],
  [
    'a suspended group in the role',
    { roles: { admins: ['user.jane', { name: 'org:group.g', systemDisabled: 1 }] } },
    true,
  ],
  ['a pending group in the role', { roles: { admins: ['user.jane', { name: 'org:group.g', approved: false }] } }, true],
  ['a group in the role of a disabled domain', { enabled: false, roles: { admins: ['org:group.g'] } }, true],
  ['the trusted domain', { roles: { admins: { trust: 'org' } } }, false],
  ['the trusted domain of a disabled one', { enabled: false, roles: { admins: { trust: 'org' } } }, true],
  [
    'a group in a trusted role',
    { roles: { admins: { trust: 'far' } } },
    false,
    { far: { roles: { sre: ['org:group.g'] }, assumes: [['far:role.sre', '*']] } },
  ],
  [
    'a group in a trusted role of a disabled domain',
    { roles: { admins: { trust: 'far' } } },
    true,
    { far: { enabled: false, roles: { sre: ['org:group.g'] }, assumes: [['far:role.sre', '*']] } },
  ],
  [
    'an expired group beside a valid row of the same group',
    { roles: { admins: [{ name: 'org:group.g', expiration: past }, 'org:group.g'] } },
    false,
  ],
];

describe('another domain on the way', () => {
  for (const [what, own, ended, others = {}] of ways) {
    const domains: Domains = { 'eks.a': own, ...others };

    test(`${what}: unread, the role is ${ended ? 'known all the same' : 'unknown'}`, () => {
      const outcome = adminsOf({ domains: { ...domains, org: 'unknown' } });
      if (ended) assert.equal(outcome.kind, 'value');
      else {
        assert.deepEqual(outcome, {
          kind: 'unknown',
          domain: 'org',
          problem: { code: 'ZMS_TIMEOUT', message: 'no answer for org' },
        });
      }
    });

    test(`${what}: absent on the list’s word, the role ${ended ? 'does not rest' : 'rests'} on that`, () => {
      assert.deepEqual(knownAdminsOf({ domains: { ...domains, org: 'unlisted' } }).relies, ended ? [] : ['org']);
    });

    test(`${what}: absent for certain, the role is known and rests on nothing`, () => {
      assert.deepEqual(knownAdminsOf({ domains: { ...domains, org: 'absent' } }).relies, []);
    });
  }

  test('a group of the same domain in another role does not make this role unknown', () => {
    const domains: Domains = {
      'eks.a': { roles: { admins: ['user.jane'], viewers: ['org:group.g'] } },
      org: 'unknown',
    };
    const [admins, viewers] = resolveCompany({ domains });
    assert.deepEqual([admins?.outcome.kind, viewers?.outcome.kind], ['value', 'unknown']);
  });

  test('several that are absent are all named, sorted and once', () => {
    const members = ['z:group.g', 'b:group.g', 'z:group.h', 'm:group.g'];
    const domains: Domains = { 'eks.a': { roles: { admins: members } }, z: 'unlisted', b: 'unlisted', m: 'absent' };
    assert.deepEqual(knownAdminsOf({ domains }).relies, ['b', 'z']);
  });
});
