import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Company, type Domain, droppedOf, grantsOf, knownAdminsOf, namesOf } from '../support/company.ts';
import { at } from '../support/resolve.ts';

const past = '2026-05-01T00:00:00.000Z';
const soon = '2026-07-01T00:00:00.000Z';
const late = '2031-01-01T00:00:00.000Z';

/** One role of one domain, and the domain `org` with groups. */
function company(admins: NonNullable<Domain['roles']>[string], groups: Domain['groups'] = {}, more: Domain = {}) {
  return { domains: { 'eks.a': { roles: { admins } }, org: { groups, ...more } } } satisfies Company;
}

describe('a group in a role', () => {
  test('is replaced by its members, each with the group on the path', () => {
    assert.deepEqual(grantsOf(company(['org:group.g'], { g: ['user.jane', 'user.bob'] })), [
      { subject: { kind: 'User', name: 'user.bob' }, member: 'user.bob', paths: [{ group: 'org:group.g' }] },
      { subject: { kind: 'User', name: 'user.jane' }, member: 'user.jane', paths: [{ group: 'org:group.g' }] },
    ]);
  });

  test('may be of the role’s own domain', () => {
    const domains: Company['domains'] = {
      'eks.a': { roles: { admins: ['eks.a:group.g'] }, groups: { g: ['user.jane'] } },
    };
    assert.deepEqual(namesOf({ domains }), ['user.jane']);
  });

  test('may have dots in its name', () => {
    assert.deepEqual(namesOf(company(['org:group.a.b'], { 'a.b': ['user.jane'], b: ['user.bob'] })), ['user.jane']);
  });

  test('gives nothing of another group of a similar name', () => {
    assert.deepEqual(namesOf(company(['org:group.g'], { g: [], g2: ['user.jane'], 'g.g': ['user.bob'] })), []);
  });

  test('that has nobody in it is fine', () => {
    const { grants, dropped } = knownAdminsOf(company(['org:group.g', 'user.jane'], { g: [] }));
    assert.deepEqual([grants.map((grant) => grant.member), dropped], [['user.jane'], []]);
  });

  test('that has nobody in it and has expired is named as expired', () => {
    const dropped = droppedOf(company([{ name: 'org:group.g', expiration: past }], { g: [] }));
    assert.deepEqual(dropped, [
      { member: 'org:group.g', reason: 'expired', path: { expires: past, group: 'org:group.g' }, detail: past },
    ]);
  });

  test('that its domain does not have is dropped by name; the rest of the role stays', () => {
    const { grants, dropped } = knownAdminsOf(company(['org:group.g', 'user.jane']));
    assert.deepEqual(
      grants.map((grant) => grant.member),
      ['user.jane'],
    );
    assert.deepEqual(dropped, [{ member: 'org:group.g', reason: 'group-missing', path: { group: 'org:group.g' } }]);
  });

  test('of a domain that does not exist is dropped by name', () => {
    const domains: Company['domains'] = { 'eks.a': { roles: { admins: ['org:group.g'] } }, org: 'absent' };
    assert.deepEqual(
      droppedOf({ domains }).map(({ member, reason }) => [member, reason]),
      [['org:group.g', 'group-missing']],
    );
  });

  test('of a disabled domain gives nothing, and says for whom', () => {
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

  test('inside of a group gives nothing: groups do not nest', () => {
    const { grants, dropped } = knownAdminsOf(
      company(['org:group.g'], { g: ['user.jane', 'org:group.h'], h: ['user.bob'] }),
    );
    assert.deepEqual(
      grants.map((grant) => grant.member),
      ['user.jane'],
    );
    assert.deepEqual(dropped, [{ member: 'org:group.h', reason: 'nested-group', path: { group: 'org:group.g' } }]);
  });

  test('inside of itself does not hang', () => {
    assert.deepEqual(namesOf(company(['org:group.g'], { g: ['org:group.g', 'user.jane'] })), ['user.jane']);
  });

  test('that is in the role twice, once ended, counts', () => {
    const groups = { g: ['user.jane'] };
    assert.deepEqual(namesOf(company([{ name: 'org:group.g', expiration: past }, 'org:group.g'], groups)), [
      'user.jane',
    ]);
  });
});

describe('several ways to one subject', () => {
  const jane = (expiration?: string) => ({ name: 'user.jane', ...(expiration ? { expiration } : {}) });

  test('all are carried, sorted, and the subject is there once', () => {
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

  test('the same way twice is one', () => {
    assert.deepEqual(grantsOf(company(['user.jane', 'user.jane']))[0]?.paths, [{}]);
  });

  for (const [what, direct, grouped, expires] of [
    ['never, when one has no end', undefined, soon, undefined],
    ['never, when the other has no end', soon, undefined, undefined],
    ['with the last of them', soon, late, late],
    ['with the last of them, whichever it is', late, soon, late],
  ] as const) {
    test(`access ends ${what}`, () => {
      const [grant] = grantsOf(company([jane(direct), 'org:group.g'], { g: [jane(grouped)] }));
      assert.equal(grant?.expires, expires);
      assert.equal(grant?.paths.length, 2);
    });
  }

  const ended = { expiration: past };
  for (const [what, domains] of [
    ['the direct one expired', company([{ ...jane(), ...ended }, 'org:group.g'], { g: [jane(soon)] })],
    ['the group expired', company([jane(soon), { name: 'org:group.g', ...ended }], { g: [jane()] })],
    ['the row in the group expired', company([jane(soon), 'org:group.g'], { g: [{ ...jane(), ...ended }] })],
    ['the group is gone', company([jane(soon), 'org:group.none'])],
    ['the direct one is suspended', company([{ ...jane(), systemDisabled: 1 }, 'org:group.g'], { g: [jane(soon)] })],
    ['the direct one is pending', company([{ ...jane(), approved: false }, 'org:group.g'], { g: [jane(soon)] })],
    ['the same name again ended', company([jane(soon), { ...jane(), ...ended }])],
  ] as const) {
    test(`access stays while one counts: ${what}`, () => {
      const { grants, dropped } = knownAdminsOf(domains);
      assert.deepEqual(
        grants.map(({ member, expires }) => [member, expires]),
        [['user.jane', soon]],
      );
      assert.equal(grants[0]?.paths.length, 1, 'only the way that counts');
      assert.equal(dropped.length, 1, 'and the other is named');
    });
  }

  test('access is gone when all have ended, with every end named', () => {
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
