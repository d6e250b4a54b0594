import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DropReason, Subject } from '../../../src/model/grant.ts';
import { type Company, droppedOf, grantsOf, namesOf } from '../../support/company.ts';

const user = (name: string): Subject => ({ kind: 'User', name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

/** A member name, and its subject or drop reason for each value of `members.services`. */
const table: readonly (readonly [
  name: string,
  skip: Subject | DropReason,
  asUser: Subject | DropReason,
  asAccount: Subject | DropReason,
])[] = [
  same('user.jane', user('user.jane')),
  same('user.jane_doe-2', user('user.jane_doe-2')),
  same('user.Jane', user('user.Jane')),
  same('user.jane doe\n', user('user.jane doe\n')),
  same('user.jäne😀', user('user.jäne😀')),
  ['eks.a.web', 'service', user('eks.a.web'), account('a', 'web')],
  ['eks.b.web-2', 'service', user('eks.b.web-2'), account('b', 'web-2')],
  ['eks.gone.web', 'service', user('eks.gone.web'), 'service-unmapped'],
  ['eks.a.web.ui', 'service', user('eks.a.web.ui'), 'service-unmapped'],
  ['eks.web', 'service', user('eks.web'), 'service-unmapped'],
  ['eks2.a.web', 'service', user('eks2.a.web'), 'service-unmapped'],
  ['eks.a.web_2', 'service', user('eks.a.web_2'), 'service-unmapped'],
  ['eks.a.-web', 'service', user('eks.a.-web'), 'service-unmapped'],
  ['eks.a.Web', 'service', user('eks.a.Web'), 'service-unmapped'],
  [`eks.a.${'w'.repeat(253)}`, 'service', user(`eks.a.${'w'.repeat(253)}`), account('a', 'w'.repeat(253))],
  [`eks.a.${'w'.repeat(254)}`, 'service', user(`eks.a.${'w'.repeat(254)}`), 'service-unmapped'],
  ['acme.platform.deployer', 'service', user('acme.platform.deployer'), 'service-unmapped'],
  ['home.jane.bot', 'service', user('home.jane.bot'), 'service-unmapped'],
  ['user.jane.bot', 'service', user('user.jane.bot'), 'service-unmapped'],
  ['users.jane', 'service', user('users.jane'), 'service-unmapped'],
  ['USER.jane', 'service', user('USER.jane'), 'service-unmapped'],
  same('*', 'wildcard'),
  same('user.*', 'wildcard'),
  same('user.ab*', 'wildcard'),
  same('eks.a.*', 'wildcard'),
  same('org:group.*', 'wildcard'),
  same('org:ext.mail@example.com', 'external'),
  same('org:ext.', 'external'),
  same('user', 'not-a-principal'),
  same('user.', 'not-a-principal'),
  same('.jane', 'not-a-principal'),
  same('', 'not-a-principal'),
  same('org:role.admins', 'not-a-principal'),
  same('org:group.', 'not-a-principal'),
  same(':group.g', 'not-a-principal'),
  same(':ext.x', 'not-a-principal'),
  same('user.jane:x', 'not-a-principal'),
  same('user.\ud800', 'unencodable'),
  same('org:group.\udfff', 'unencodable'),
  same('org:group.none', 'group-missing'),
  same('absent:group.g', 'group-missing'),
];

function same<T>(name: string, result: T): readonly [string, T, T, T] {
  return [name, result, result, result];
}

for (const [column, services] of (['skip', 'User', 'ServiceAccount'] as const).entries()) {
  describe(`with members.services: ${services}`, () => {
    for (const row of table) {
      const [name] = row;
      const expected = row[column + 1] as Subject | DropReason;
      const what = typeof expected === 'string' ? `dropped (${expected})` : `a ${expected.kind}`;
      test(`${JSON.stringify(shorten(name))} is ${what}, others stay`, () => {
        const company: Company = {
          namespaces: ['a', 'b'],
          members: { services },
          domains: { 'eks.a': { roles: { admins: ['user.before', name, 'user.zoe'] } }, org: {}, absent: 'absent' },
        };
        const others = grantsOf(company).filter((grant) => grant.member !== name);
        assert.deepEqual(
          others.map((grant) => grant.subject.name),
          ['user.before', 'user.zoe'],
        );
        const own = grantsOf(company).filter((grant) => grant.member === name);
        const dropped = droppedOf(company);
        if (typeof expected === 'string') {
          assert.deepEqual(own, []);
          assert.deepEqual(
            dropped.map(({ member, reason, subject }) => [member, reason, subject]),
            [[name, expected, undefined]],
          );
        } else {
          assert.deepEqual(dropped, []);
          assert.deepEqual(own, [{ subject: expected, member: name, paths: [{}] }]);
        }
      });
    }
  });
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 20)}… (${text.length})` : text;
}

describe('user names', () => {
  for (const prefix of ['', 'athenz:', 'oidc#', ' ', 'user.', '*']) {
    test(`prefix ${JSON.stringify(prefix)} is prepended to users and services`, () => {
      const names = namesOf({
        domains: { 'eks.a': { roles: { admins: ['user.jane', 'org.bot'] } } },
        members: { users: { prefix }, services: 'User' },
      });
      assert.deepEqual(names, [`${prefix}org.bot`, `${prefix}user.jane`]);
    });
  }

  test('service accounts get no prefix', () => {
    const [grant] = grantsOf({
      domains: { 'eks.a': { roles: { admins: ['eks.a.web'] } } },
      members: { users: { prefix: 'athenz:' }, services: 'ServiceAccount' },
    });
    assert.deepEqual(grant?.subject, account('a', 'web'));
  });

  test('names that differ in case are different users', () => {
    assert.deepEqual(namesOf({ domains: { 'eks.a': { roles: { admins: ['user.jane', 'user.Jane'] } } } }), [
      'user.Jane',
      'user.jane',
    ]);
  });

  test('service accounts and users of one name are distinct, accounts first', () => {
    const domains: Company['domains'] = { 'eks.a': { roles: { admins: ['user.web', 'eks.b.web', 'eks.a.web'] } } };
    const grants = grantsOf({ domains, namespaces: ['a', 'b'], members: { services: 'ServiceAccount' } });
    assert.deepEqual(
      grants.map((grant) => grant.subject),
      [account('a', 'web'), account('b', 'web'), user('user.web')],
    );
  });
});
