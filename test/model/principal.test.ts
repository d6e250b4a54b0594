import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Principal, parsePrincipal } from '../../src/model/principal.ts';
import { trials } from '../support/properties.ts';

/** A principal without its name, which is the input. */
type Classified = Principal extends infer P ? (P extends Principal ? Omit<P, 'name'> : never) : never;

const principals: readonly (readonly [string, Classified])[] = [
  ['user.jane', { kind: 'user' }],
  ['user.jane-doe_2', { kind: 'user' }],
  ['user.Jane', { kind: 'user' }],
  ['user.jane doe', { kind: 'user' }],
  ['user.jane.laptop', { kind: 'service', domain: 'user.jane', service: 'laptop' }],
  ['users.jane', { kind: 'service', domain: 'users', service: 'jane' }],
  ['User.jane', { kind: 'service', domain: 'User', service: 'jane' }],
  ['home.jane.svc', { kind: 'service', domain: 'home.jane', service: 'svc' }],
  ['acme.ci.deployer', { kind: 'service', domain: 'acme.ci', service: 'deployer' }],
  ['sys.auth.zms', { kind: 'service', domain: 'sys.auth', service: 'zms' }],
  ['acme.org:group.payments', { kind: 'group', domain: 'acme.org', group: 'payments' }],
  ['acme.org:group.a.b', { kind: 'group', domain: 'acme.org', group: 'a.b' }],
  ['user:group.friends', { kind: 'group', domain: 'user', group: 'friends' }],
  ['*', { kind: 'wildcard' }],
  ['user.*', { kind: 'wildcard' }],
  ['user.ab*', { kind: 'wildcard' }],
  ['acme.*', { kind: 'wildcard' }],
  ['acme.org:group.*', { kind: 'wildcard' }],
  ['*:group.x', { kind: 'wildcard' }],
  ['acme:ext.jane@example.com', { kind: 'external' }],
  ['acme:ext.', { kind: 'external' }],
  ['acme:role.admins', { kind: 'not-a-principal' }],
  ['acme:group.', { kind: 'not-a-principal' }],
  ['acme:group', { kind: 'not-a-principal' }],
  [':group.x', { kind: 'not-a-principal' }],
  [':ext.x', { kind: 'not-a-principal' }],
  ['user:jane', { kind: 'not-a-principal' }],
  ['acme:policy.x', { kind: 'not-a-principal' }],
  ['jane', { kind: 'not-a-principal' }],
  ['', { kind: 'not-a-principal' }],
  ['.', { kind: 'not-a-principal' }],
  ['.jane', { kind: 'not-a-principal' }],
  ['user.', { kind: 'not-a-principal' }],
  ['user.jane.', { kind: 'not-a-principal' }],
  ['user.\ud800', { kind: 'unencodable' }],
  ['\udc00*', { kind: 'unencodable' }],
  ['user.😀', { kind: 'user' }],
];
for (const [name, expected] of principals) {
  test(`${JSON.stringify(name)} is ${expected.kind}`, () => {
    assert.deepEqual(parsePrincipal(name, 'user'), { ...expected, name });
  });
}

test('users are the direct members of the configured user domain only', () => {
  assert.equal(parsePrincipal('acme.people.jane', 'acme.people').kind, 'user');
  assert.equal(parsePrincipal('acme.people.jane.x', 'acme.people').kind, 'service');
  assert.equal(parsePrincipal('user.jane', 'acme.people').kind, 'service');
  assert.equal(parsePrincipal('people.jane', 'acme.people').kind, 'service');
});

test('names are kept verbatim, and only <userDomain>.<label> is a user', () => {
  const name = fc.oneof(
    fc.string({
      unit: fc.constantFrom('user', '.', ':', '*', 'group', 'ext', 'role', 'a', ' ', '\ud800'),
      maxLength: 7,
    }),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(name, (text) => {
      const principal = parsePrincipal(text, 'user');
      assert.equal(principal.name, text);
      assert.equal(principal.kind === 'user', /^user\.[^.:*]+$/su.test(text) && text.isWellFormed());
      if (principal.kind === 'service') assert.equal(`${principal.domain}.${principal.service}`, text);
      if (principal.kind === 'group') assert.equal(`${principal.domain}:group.${principal.group}`, text);
    }),
    { numRuns: trials(1250) },
  );
});
