import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDetailed } from '../../src/athenz/details.ts';
import { readExchange } from '../sandbox/exchange.ts';

const { payload } = readExchange('jws/get').response.body as { readonly payload: string };
const recorded = Buffer.from(payload, 'base64url').toString();

test('the recorded document of a real ZMS has its settings, policies and services', () => {
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

const with_ = (more: object) => parseDetailed(JSON.stringify({ ...JSON.parse(recorded), ...more }));

test('what is set is read, what says nothing is left out', () => {
  const tags = { team: { list: ['shop', 'web'] }, empty: { list: null } };
  const given = { org: 'acme', description: 'd', applicationId: 'app', memberExpiryDays: 30, tags };
  assert.deepEqual(with_(given).settings, { ...given, tags: { team: ['shop', 'web'], empty: [] } });
  const nothing = { org: '', description: null, memberExpiryDays: 0, tags: null };
  assert.deepEqual(with_(nothing).settings, { tags: {} });
  const role = { name: 'eks.users.ns1:role.r', selfServe: false, reviewEnabled: true, memberExpiryDays: 9 };
  assert.deepEqual(with_({ roles: [role] }).roleSettings.get('r'), {
    reviewEnabled: true,
    memberExpiryDays: 9,
    tags: {},
  });
  assert.deepEqual(with_({ services: [{ name: 'eks.users.ns1.api' }] }).services, ['api']);
});

for (const [what, wrong] of [
  ['a service of another domain', { services: [{ name: 'eks.other.api' }] }],
  ['a policy of another domain', { policies: { contents: { policies: [{ name: 'eks.other:policy.p' }] } } }],
  ['days that are a text', { memberExpiryDays: '30' }],
  ['tags that are a list', { tags: ['a'] }],
] as const) {
  test(`a document with ${what} is not read at all`, () => {
    assert.throws(() => with_(wrong), { code: 'ZMS_BAD_RESPONSE' });
  });
}
