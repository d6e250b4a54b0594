import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Member } from '../../../src/model/domain.ts';
import type { DropReason } from '../../../src/model/grant.ts';
import { type Company, type Domain, droppedOf, grantsOf } from '../../support/company.ts';
import { at } from '../../support/resolve.ts';

/** A member without its name. */
type State = Omit<Member, 'name'>;

const later = new Date(at.getTime() + 1).toISOString();
const earlier = new Date(at.getTime() - 1).toISOString();

/** A membership, and its expiration if it is effective or its drop reason if not. */
const states: readonly (readonly [string, State, { readonly expires?: string } | DropReason, detail?: string])[] = [
  ['without expiration', {}, {}],
  ['expiring in 1 ms', { expiration: later }, { expires: later }],
  ['expiring in years', { expiration: '2031-06-30T12:00:00.000Z' }, { expires: '2031-06-30T12:00:00.000Z' }],
  [
    'expiring later, in another time zone',
    { expiration: '2026-06-01T21:01:00+09:00' },
    { expires: '2026-06-01T12:01:00.000Z' },
  ],
  [
    'expiring later, without milliseconds',
    { expiration: '2026-06-01T12:00:01Z' },
    { expires: '2026-06-01T12:00:01.000Z' },
  ],
  ['expiring now', { expiration: at.toISOString() }, 'expired', at.toISOString()],
  ['expired 1 ms ago', { expiration: earlier }, 'expired', earlier],
  ['expiring now, in another time zone', { expiration: '2026-06-01T21:00:00+09:00' }, 'expired', at.toISOString()],
  ['expired long ago', { expiration: '2001-01-01T00:00:00.000Z' }, 'expired', '2001-01-01T00:00:00.000Z'],
  ['not suspended', { systemDisabled: 0 }, {}],
  ['suspended, bit 1', { systemDisabled: 1 }, 'suspended'],
  ['suspended, bit 2', { systemDisabled: 2 }, 'suspended'],
  ['suspended, bit 3', { systemDisabled: 4 }, 'suspended'],
  ['suspended, with a later expiration', { systemDisabled: 4, expiration: later }, 'suspended'],
  ['pending approval', { approved: false, active: false }, 'pending'],
  ['not approved', { approved: false }, 'pending'],
  ['inactive', { active: false }, 'pending'],
  ['inactive, with a later expiration', { active: false, expiration: later }, 'pending'],
  ['with an expiration that is not a time', { expiration: 'tomorrow' }, 'bad-expiration', 'tomorrow'],
  ['with an empty expiration', { expiration: '' }, 'bad-expiration'],
  [
    'with month 13 in the expiration',
    { expiration: '2031-13-01T00:00:00.000Z' },
    'bad-expiration',
    '2031-13-01T00:00:00.000Z',
  ],
  [
    'without a time zone in the expiration',
    { expiration: '2031-01-01T00:00:00' },
    'bad-expiration',
    '2031-01-01T00:00:00',
  ],
  ['with only a date as expiration', { expiration: '2031-01-01' }, 'bad-expiration', '2031-01-01'],
  ['with only a year as expiration', { expiration: '2031' }, 'bad-expiration', '2031'],
];

const jane = { name: 'user.jane' };
const trusting: Domain = { roles: { admins: { trust: 'org' } } };
const assumes: Domain['assumes'] = [['org:role.sre', 'eks.a:role.admins']];

/** Where a membership on the path to user.jane can be. */
const places: readonly (readonly [string, (state: State) => Company['domains']])[] = [
  ['in the role', (state) => ({ 'eks.a': { roles: { admins: [{ ...jane, ...state }] } } })],
  [
    'in a group',
    (state) => ({
      'eks.a': { roles: { admins: ['org:group.g'] } },
      org: { groups: { g: [{ ...jane, ...state }] } },
    }),
  ],
  [
    'of a group in the role',
    (state) => ({
      'eks.a': { roles: { admins: [{ name: 'org:group.g', ...state }] } },
      org: { groups: { g: [jane] } },
    }),
  ],
  ['in a trusted role', (state) => ({ 'eks.a': trusting, org: { assumes, roles: { sre: [{ ...jane, ...state }] } } })],
  [
    'in a group of a trusted role',
    (state) => ({
      'eks.a': trusting,
      org: { assumes, roles: { sre: ['org:group.g'] }, groups: { g: [{ ...jane, ...state }] } },
    }),
  ],
  [
    'of a group in a trusted role',
    (state) => ({
      'eks.a': trusting,
      org: { assumes, roles: { sre: [{ name: 'org:group.g', ...state }] }, groups: { g: [jane] } },
    }),
  ],
];

for (const [where, domains] of places) {
  describe(`a membership ${where}`, () => {
    for (const [what, state, expected, detail] of states) {
      const effective = typeof expected === 'object';
      test(`${what} ${effective ? 'grants access' : `is dropped as ${expected}`}`, () => {
        const company = { domains: domains(state) };
        const grants = grantsOf(company);
        const dropped = droppedOf(company);
        if (effective) {
          assert.deepEqual(dropped, []);
          assert.equal(grants.length, 1);
          assert.deepEqual(grants[0]?.subject, { kind: 'User', name: 'user.jane' });
          assert.equal(grants[0]?.expires, expected.expires);
          assert.deepEqual(
            grants[0]?.paths.map((path) => path.expires),
            [expected.expires],
          );
        } else {
          assert.deepEqual(grants, []);
          assert.equal(dropped.length, 1);
          const [{ member, reason, subject, detail: actual } = assert.fail()] = dropped;
          assert.deepEqual([member, reason, actual], ['user.jane', expected, detail]);
          assert.deepEqual(subject, { kind: 'User', name: 'user.jane' }, 'needed to prove the loss');
        }
      });
    }
  });
}

describe('the earlier of group and member expiration counts', () => {
  const [soon, late] = ['2026-07-01T00:00:00.000Z', '2031-01-01T00:00:00.000Z'];
  const past = '2026-05-01T00:00:00.000Z';
  const table: readonly (readonly [group: string | undefined, row: string | undefined, expires: string | undefined])[] =
    [
      [undefined, undefined, undefined],
      [soon, undefined, soon],
      [undefined, soon, soon],
      [soon, late, soon],
      [late, soon, soon],
      [soon, soon, soon],
    ];
  const company = (group: string | undefined, row: string | undefined): Company => ({
    domains: {
      'eks.a': { roles: { admins: [{ name: 'org:group.g', ...ending(group) }] } },
      org: { groups: { g: [{ ...jane, ...ending(row) }] } },
    },
  });
  for (const [group, row, expires] of table) {
    test(`group expires ${group ?? 'never'}, member ${row ?? 'never'}`, () => {
      const [grant] = grantsOf(company(group, row));
      assert.deepEqual(grant?.paths, [{ group: 'org:group.g', ...(expires ? { expires } : {}) }]);
      assert.equal(grant?.expires, expires);
    });
  }
  for (const [group, row] of [
    [past, late],
    [late, past],
    [past, undefined],
    [undefined, past],
    [past, past],
  ]) {
    test(`group expires ${group ?? 'never'}, member ${row ?? 'never'}: expired`, () => {
      assert.deepEqual(grantsOf(company(group, row)), []);
      assert.deepEqual(
        droppedOf(company(group, row)).map(({ reason, detail }) => [reason, detail]),
        [['expired', past]],
      );
    });
  }

  test('the drop reason is that of the membership nearest to the role', () => {
    const domains: Company['domains'] = {
      'eks.a': { roles: { admins: [{ name: 'org:group.g', systemDisabled: 1 }] } },
      org: { groups: { g: [{ ...jane, expiration: past }] } },
    };
    assert.equal(droppedOf({ domains })[0]?.reason, 'suspended');
  });
});

function ending(expiration: string | undefined): State {
  return expiration === undefined ? {} : { expiration };
}
