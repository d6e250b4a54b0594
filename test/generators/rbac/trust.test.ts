import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDocument } from '../../../src/athenz/wire.ts';
import { type Company, type Domain, droppedOf, grantsOf, knownAdminsOf, namesOf } from '../../support/company.ts';

const past = '2026-05-01T00:00:00.000Z';
const soon = '2026-07-01T00:00:00.000Z';

/** `eks.a:role.admins` is delegated to `org`. */
function delegated(org: Domain, more: Company['domains'] = {}): Company {
  return { domains: { 'eks.a': { roles: { admins: { trust: 'org' } } }, org, ...more } };
}

const jane = { sre: ['user.jane'] };

describe('assertions for a delegated role', () => {
  const resources: readonly (readonly [resource: string, matches: boolean])[] = [
    ['eks.a:role.admins', true],
    ['eks.a:role.*', true],
    ['eks.*:role.admins', true],
    ['*', true],
    ['**', true],
    ['*:role.admins', true],
    ['*a*a*', true],
    ['eks.a:role.admin?', true],
    ['eks?a:role.admins', true],
    ['?*', true],
    ['eks.a:role.admins*', true],
    ['eks.a:role.admin', false],
    ['eks.a:role.admins2', false],
    ['eks.a:role.admins?', false],
    ['eks.ab:role.admins', false],
    ['eks.a.b:role.admins', false],
    ['x.eks.a:role.admins', false],
    ['eksXa:role.admins', false],
    ['eks.a:role.viewers', false],
    ['eks.a:role', false],
    ['a:role.admins', false],
    ['admins', false],
    ['EKS.A:role.admins', false],
    ['eks.a:role.[a-z]*', false],
    ['(eks.a:role.admins', false],
    ['^eks.a:role.admins$', false],
    ['', false],
  ];
  for (const [resource, matches] of resources) {
    test(`resource "${resource}" ${matches ? 'matches' : 'does not match'}`, () => {
      const company = delegated({ roles: jane, assumes: [['org:role.sre', resource]] });
      assert.deepEqual(namesOf(company), matches ? ['user.jane'] : []);
      if (!matches) {
        assert.deepEqual(droppedOf(company), [
          { member: 'org', reason: 'trust-not-asserted', path: {}, detail: 'eks.a:role.admins' },
        ]);
      }
    });
  }

  for (const role of [
    'org:role.*',
    'org:role.sr?',
    '*',
    'sre',
    'other:role.sre',
    'far:role.sre',
    'org:role.sre2',
    'org:role.',
    '',
  ]) {
    test(`role "${role}" delegates nothing: only exact roles of the domain match`, () => {
      assert.deepEqual(namesOf(delegated({ roles: jane, assumes: [[role, '*']] })), []);
    });
  }

  /** A policy as ZMS writes it; the parser applies the defaults. */
  const policy = (more: object, assertion: object) => ({
    name: 'org:policy.p',
    ...more,
    assertions: [{ role: 'org:role.sre', resource: 'eks.a:role.admins', action: 'assume_role', ...assertion }],
  });
  for (const [what, policies, delegates] of [
    ['ALLOW delegates', [policy({}, { effect: 'ALLOW' })], true],
    ['no effect means ALLOW', [policy({}, {})], true],
    ['DENY delegates nothing', [policy({}, { effect: 'DENY' })], false],
    ['DENY does not override ALLOW', [policy({}, { effect: 'DENY' }), policy({}, { effect: 'ALLOW' })], true],
    ['an active version delegates', [policy({ active: true }, {})], true],
    ['an inactive version delegates nothing', [policy({ active: false }, {})], false],
    [
      'an inactive version does not override an active one',
      [policy({ active: false }, {}), policy({ active: true }, {})],
      true,
    ],
    ['another action delegates nothing', [policy({}, { action: 'assume_aws_role' })], false],
    ['a wildcard action delegates nothing', [policy({}, { action: '*' })], false],
  ] as const) {
    test(`policies: ${what}`, () => {
      const roles = [{ name: 'org:role.sre', roleMembers: [{ memberName: 'user.jane' }] }];
      const modified = '2026-01-01T00:00:00.000Z';
      const { assumes } = parseDocument(
        JSON.stringify({ name: 'org', modified, roles, policies: { contents: { policies } } }),
      );
      const pairs = assumes.map(({ role, resource }) => [role, resource] as const);
      assert.deepEqual(namesOf(delegated({ roles: jane, assumes: pairs })), delegates ? ['user.jane'] : []);
    });
  }
});

describe('members of a delegated role', () => {
  test('come from every role that may assume it, with that role on the path', () => {
    const org: Domain = {
      roles: { sre: ['user.jane', 'user.bob'], lead: ['user.jane'], other: ['user.eve'] },
      assumes: [
        ['org:role.lead', 'eks.a:role.admins'],
        ['org:role.sre', 'eks.*:role.*'],
        ['org:role.sre', 'eks.a:role.admins'],
        ['org:role.gone', '*'],
      ],
    };
    assert.deepEqual(
      grantsOf(delegated(org)).map(({ member, paths }) => [member, paths]),
      [
        ['user.bob', [{ trust: 'org:role.sre' }]],
        ['user.jane', [{ trust: 'org:role.lead' }, { trust: 'org:role.sre' }]],
      ],
    );
  });

  test('include groups of the trusted role, with both on the path', () => {
    const org: Domain = { roles: { sre: ['far:group.g'] }, assumes: [['org:role.sre', '*']] };
    const far: Domain = { groups: { g: [{ name: 'user.jane', expiration: soon }] } };
    assert.deepEqual(grantsOf(delegated(org, { far })), [
      {
        subject: { kind: 'User', name: 'user.jane' },
        member: 'user.jane',
        paths: [{ trust: 'org:role.sre', group: 'far:group.g', expires: soon }],
        expires: soon,
      },
    ]);
  });

  test('keep access through one role if expired in another', () => {
    const org: Domain = {
      roles: { sre: [{ name: 'user.jane', expiration: past }], lead: [{ name: 'user.jane', expiration: soon }] },
      assumes: [
        ['org:role.sre', '*'],
        ['org:role.lead', '*'],
      ],
    };
    const { grants, dropped } = knownAdminsOf(delegated(org));
    assert.deepEqual(
      grants.map(({ paths, expires }) => [paths, expires]),
      [[[{ trust: 'org:role.lead', expires: soon }], soon]],
    );
    assert.deepEqual(
      dropped.map(({ path, reason }) => [path.trust, reason]),
      [['org:role.sre', 'expired']],
    );
  });

  test('do not come from a second level of trust', () => {
    const org: Domain = {
      roles: { sre: { trust: 'far' }, lead: ['user.jane'] },
      assumes: [
        ['org:role.sre', '*'],
        ['org:role.lead', '*'],
      ],
    };
    const far: Domain = { roles: { ops: ['user.far'] }, assumes: [['far:role.ops', '*']] };
    assert.deepEqual(namesOf(delegated(org, { far })), ['user.jane']);
  });

  test('are ignored if listed on a role that has trust', () => {
    const own: Domain = { roles: { admins: { trust: 'org', members: ['user.own'] } } };
    const assumes: Domain['assumes'] = [['org:role.sre', '*']];
    assert.deepEqual(namesOf({ domains: { 'eks.a': own, org: { roles: jane, assumes } } }), ['user.jane']);
    const chained: Domain = { roles: { sre: { trust: 'far', members: ['user.eve'] } }, assumes };
    assert.deepEqual(namesOf({ domains: { 'eks.a': own, org: chained } }), []);
  });

  test('can come from the same domain, without looping', () => {
    const domains: Company['domains'] = {
      'eks.a': { roles: { admins: { trust: 'eks.a' }, sre: ['user.jane'] }, assumes: [['eks.a:role.sre', '*']] },
    };
    assert.deepEqual(namesOf({ domains }), ['user.jane']);
    const circle: Domain = { roles: { admins: { trust: 'eks.a' } }, assumes: [['eks.a:role.admins', '*']] };
    assert.deepEqual(namesOf({ domains: { 'eks.a': circle } }), []);
  });

  test('do not come from assertions if the role has no trust', () => {
    const org: Domain = { roles: jane, assumes: [['org:role.sre', '*']] };
    assert.deepEqual(namesOf({ domains: { 'eks.a': { roles: { admins: ['user.own'] } }, org } }), ['user.own']);
  });

  test('do not come from a domain that is not trusted', () => {
    const far: Domain = { roles: { sre: ['user.eve'] }, assumes: [['far:role.sre', '*']] };
    assert.deepEqual(namesOf(delegated({ roles: jane }, { far })), []);
  });
});

describe('a disabled or absent trusted domain', () => {
  const org: Domain = { roles: jane, assumes: [['org:role.sre', '*']] };

  test('disabled: no grants, members are dropped', () => {
    const { grants, dropped } = knownAdminsOf(delegated({ ...org, enabled: false }));
    assert.deepEqual(grants, []);
    assert.deepEqual(
      dropped.map(({ member, reason, detail }) => [member, reason, detail]),
      [['user.jane', 'domain-disabled', 'org']],
    );
  });

  test('absent: no grants, dropped as trust-missing', () => {
    const { grants, dropped } = knownAdminsOf({ domains: { ...delegated(org).domains, org: 'absent' } });
    assert.deepEqual(grants, []);
    assert.deepEqual(
      dropped.map(({ member, reason, detail }) => [member, reason, detail]),
      [['org', 'trust-missing', 'eks.a:role.admins']],
    );
  });

  test('a group of a disabled domain in the trusted role grants nothing', () => {
    const trusted: Domain = { roles: { sre: ['far:group.g', 'user.jane'] }, assumes: [['org:role.sre', '*']] };
    const far: Domain = { enabled: false, groups: { g: ['user.eve'] } };
    assert.deepEqual(namesOf(delegated(trusted, { far })), ['user.jane']);
  });
});
