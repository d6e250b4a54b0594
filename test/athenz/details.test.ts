import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDetailed } from '../../src/athenz/details.ts';
import { readExchange } from '../sandbox/exchange.ts';

const { payload } = readExchange('jws/get').response.body as { readonly payload: string };
const recorded = Buffer.from(payload, 'base64url').toString();

test('parses settings, policies and services of a recorded document', () => {
  const wire = JSON.parse(recorded);
  const document = parseDetailed(recorded, 'eks.users.ns1');
  assert.deepEqual(document.settings, { org: 'lab', tags: {} });
  const shortNames = (list: readonly { readonly name: string }[]) =>
    list.map(({ name }) => name.replace(/^.*:\w+\./, ''));
  assert.deepEqual(document.policies, shortNames(wire.policies.contents.policies));
  assert.deepEqual([...document.roleSettings.keys()].sort(), shortNames(wire.roles).toSorted());
  assert.ok(document.policies.includes('admin') && document.roleSettings.has('admin'));
  assert.deepEqual(document.services, ['api']);
});

const parseWith = (more: object) => parseDetailed(JSON.stringify({ ...JSON.parse(recorded), ...more }));

test('reads settings that are set and omits empty ones', () => {
  const tags = { team: { list: ['shop', 'web'] }, empty: { list: null } };
  const given = { org: 'acme', description: 'd', applicationId: 'app', memberExpiryDays: 30, tags };
  assert.deepEqual(parseWith(given).settings, { ...given, tags: { team: ['shop', 'web'], empty: [] } });
  const nothing = { org: '', description: null, memberExpiryDays: 0, tags: null };
  assert.deepEqual(parseWith(nothing).settings, { tags: {} });
  const role = { name: 'eks.users.ns1:role.r', selfServe: false, reviewEnabled: true, memberExpiryDays: 9 };
  assert.deepEqual(parseWith({ roles: [role] }).roleSettings.get('r'), {
    reviewEnabled: true,
    memberExpiryDays: 9,
    tags: {},
  });
  assert.deepEqual(parseWith({ services: [{ name: 'eks.users.ns1.api' }] }).services, ['api']);
});

for (const [what, invalid] of [
  ['a service of another domain', { services: [{ name: 'eks.other.api' }] }],
  ['a policy of another domain', { policies: { contents: { policies: [{ name: 'eks.other:policy.p' }] } } }],
  ['expiry days as a string', { memberExpiryDays: '30' }],
  ['tags as a list', { tags: ['a'] }],
] as const) {
  test(`rejects a document with ${what}`, () => {
    assert.throws(() => parseWith(invalid), { code: 'ZMS_BAD_RESPONSE' });
  });
}
