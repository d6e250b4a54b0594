import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Company, type Domain, droppedOf, grantsOf, knownAdminsOf, namesOf } from '../../support/company.ts';
import { at } from '../../support/resolve.ts';

const past = '2026-05-01T00:00:00.000Z';
const soon = '2026-07-01T00:00:00.000Z';
const late = '2031-01-01T00:00:00.000Z';

/** One role of one domain, and the domain `org` with groups. */
function company(admins: NonNullable<Domain['roles']>[string], groups: Domain['groups'] = {}, more: Domain = {}) {
  return { domains: { 'eks.a': { roles: { admins } }, org: { groups, ...more } } } satisfies Company;
}

describe('a group in a role', () => {
  test('expands to its members, with the group on each path', () => {
    assert.deepEqual(grantsOf(company(['org:group.g'], { g: ['user.jane', 'user.bob'] })), [
      { subject: { kind: 'User', name: 'user.bob' }, member: 'user.bob', paths: [{ group: 'org:group.g' }] },
      { subject: { kind: 'User', name: 'user.jane' }, member: 'user.jane', paths: [{ group: 'org:group.g' }] },
    ]);
  });

  test('can be in the domain of the role', () => {
    const domains: Company['domains'] = {
      'eks.a': { roles: { admins: ['eks.a:group.g'] }, groups: { g: ['user.jane'] } },
    };
    assert.deepEqual(namesOf({ domains }), ['user.jane']);
  });

  test('can have dots in its name', () => {
    assert.deepEqual(namesOf(company(['org:group.a.b'], { 'a.b': ['user.jane'], b: ['user.bob'] })), ['user.jane']);
  });

  test('does not match groups with similar names', () => {
    assert.deepEqual(namesOf(company(['org:group.g'], { g: [], g2: ['user.jane'], 'g.g': ['user.bob'] })), []);
  });

  test('that is empty is dropped as such', () => {
    const { grants, dropped } = knownAdminsOf(company(['org:group.g', 'user.jane'], { g: [] }));
    const empty = { member: 'org:group.g', reason: 'group-empty', path: { group: 'org:group.g' } };
    assert.deepEqual([grants.map((grant) => grant.member), dropped], [['user.jane'], [empty]]);
  });

  test('that is empty and expired is dropped as expired', () => {
    const dropped = droppedOf(company([{ name: 'org:group.g', expiration: past }], { g: [] }));
    assert.deepEqual(dropped, [
      { member: 'org:group.g', reason: 'expired', path: { expires: past, group: 'org:group.g' }, detail: past },
    ]);
  });

  test('that does not exist is dropped, other members stay', () => {
    const { grants, dropped } = knownAdminsOf(company(['org:group.g', 'user.jane']));
    assert.deepEqual(
      grants.map((grant) => grant.member),
      ['user.jane'],
    );
    assert.deepEqual(dropped, [{ member: 'org:group.g', reason: 'group-missing', path: { group: 'org:group.g' } }]);
  });

  test('of an absent domain is dropped', () => {
    const domains: Company['domains'] = { 'eks.a': { roles: { admins: ['org:group.g'] } }, org: 'absent' };
    assert.deepEqual(
      droppedOf({ domains }).map(({ member, reason }) => [member, reason]),
      [['org:group.g', 'group-missing']],
    );
  });

  test('of a disabled domain drops its members', () => {
    const { grants, dropped } = knownAdminsOf(company(['org:group.g'], { g: ['user.jane'] }, { enabled: false }));
    assert.deepEqual(grants, []);
    assert.deepEqual(dropped, [
      {
        member: 'user.jane',
        reason: 'domain-disabled',
        detail: 'org',
        path: { group: 'org:group.g' },
        subject: { kind: 'User', name: 'user.jane' },
      },
    ]);
  });

  test('nested in another group is dropped', () => {
    const { grants, dropped } = knownAdminsOf(
      company(['org:group.g'], { g: ['user.jane', 'org:group.h'], h: ['user.bob'] }),
    );
    assert.deepEqual(
      grants.map((grant) => grant.member),
      ['user.jane'],
    );
    assert.deepEqual(dropped, [{ member: 'org:group.h', reason: 'nested-group', path: { group: 'org:group.g' } }]);
  });

  test('that contains itself does not loop', () => {
    assert.deepEqual(namesOf(company(['org:group.g'], { g: ['org:group.g', 'user.jane'] })), ['user.jane']);
  });

  test('listed twice, once expired, grants access', () => {
    const groups = { g: ['user.jane'] };
    assert.deepEqual(namesOf(company([{ name: 'org:group.g', expiration: past }, 'org:group.g'], groups)), [
      'user.jane',
    ]);
  });
});

describe('several paths to one subject', () => {
  const jane = (expiration?: string) => ({ name: 'user.jane', ...(expiration ? { expiration } : {}) });

  test('give one grant with all paths, sorted', () => {
    const [grant, ...others] = grantsOf(
      company(['user.jane', 'org:group.h', 'org:group.g', jane(soon)], { g: [jane()], h: [jane(late)] }),
    );
    assert.deepEqual(others, []);
    assert.deepEqual(grant?.paths, [
      {},
      { expires: soon },
      { group: 'org:group.g' },
      { group: 'org:group.h', expires: late },
    ]);
  });

  test('are merged if identical', () => {
    assert.deepEqual(grantsOf(company(['user.jane', 'user.jane']))[0]?.paths, [{}]);
  });

  for (const [what, direct, grouped, expires] of [
    ['never expires if the direct path does not', undefined, soon, undefined],
    ['never expires if the group path does not', soon, undefined, undefined],
    ['expires with the group path if that is later', soon, late, late],
    ['expires with the direct path if that is later', late, soon, late],
  ] as const) {
    test(`access ${what}`, () => {
      const [grant] = grantsOf(company([jane(direct), 'org:group.g'], { g: [jane(grouped)] }));
      assert.equal(grant?.expires, expires);
      assert.equal(grant?.paths.length, 2);
    });
  }

  const ended = { expiration: past };
  for (const [what, domains] of [
    ['direct membership expired', company([{ ...jane(), ...ended }, 'org:group.g'], { g: [jane(soon)] })],
    ['group in the role expired', company([jane(soon), { name: 'org:group.g', ...ended }], { g: [jane()] })],
    ['membership in the group expired', company([jane(soon), 'org:group.g'], { g: [{ ...jane(), ...ended }] })],
    ['group does not exist', company([jane(soon), 'org:group.none'])],
    ['direct membership suspended', company([{ ...jane(), systemDisabled: 1 }, 'org:group.g'], { g: [jane(soon)] })],
    ['direct membership pending', company([{ ...jane(), approved: false }, 'org:group.g'], { g: [jane(soon)] })],
    ['duplicate membership expired', company([jane(soon), { ...jane(), ...ended }])],
  ] as const) {
    test(`another path keeps access: ${what}`, () => {
      const { grants, dropped } = knownAdminsOf(domains);
      assert.deepEqual(
        grants.map(({ member, expires }) => [member, expires]),
        [['user.jane', soon]],
      );
      assert.equal(grants[0]?.paths.length, 1, 'only the effective path');
      assert.equal(dropped.length, 1, 'the other path is dropped');
    });
  }

  test('access ends when all paths have expired, each dropped', () => {
    const all = company([{ ...jane(), ...ended }, 'org:group.g'], { g: [{ ...jane(), expiration: at.toISOString() }] });
    assert.deepEqual(grantsOf(all), []);
    assert.deepEqual(
      droppedOf(all).map(({ member, detail }) => [member, detail]),
      [
        ['user.jane', past],
        ['user.jane', at.toISOString()],
      ],
    );
  });
});
