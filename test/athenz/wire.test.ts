import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier } from '../../src/athenz/signature.ts';
import { parseDocument, parseError, parseList, parsePublicKey, parseSigned } from '../../src/athenz/wire.ts';
import { AppError } from '../../src/model/error.ts';
import { acme } from '../support/recording.ts';

test('every recorded document of a real ZMS verifies with its recorded key and reads', async () => {
  const pem = parsePublicKey(await readFile(join(acme, 'publickey-0.json'), 'utf8'));
  const verify = createVerifier(async () => pem);
  const files = await readdir(join(acme, 'signed'));
  for (const file of files) {
    const name = file.replace(/\.json$/, '');
    const signed = parseSigned(await readFile(join(acme, 'signed', file), 'utf8'), name);
    assert.equal(parseDocument(await verify(signed, name)).name, name);
    const payload = Buffer.from(signed.payload, 'base64url')
      .toString('utf8')
      .replace('"enabled":true', '"enabled":false');
    const forged = { ...signed, payload: Buffer.from(payload).toString('base64url') };
    if (forged.payload !== signed.payload) await assert.rejects(verify(forged, name), { code: 'ZMS_SIGNATURE' });
  }
  assert.equal(files.length, 67);
});

test('the recorded list reads, sorted, with its disabled domain', async () => {
  const list = parseList(await readFile(join(acme, 'modified_domains.json'), 'utf8'));
  assert.deepEqual(
    list.map(({ name }) => name),
    list.map(({ name }) => name).toSorted(),
  );
  assert.deepEqual(
    list.filter(({ enabled }) => !enabled).map(({ name }) => name),
    ['acme.eks.search-core'],
  );
});

const entry = (name: string) => ({ domain: { name, modified: '2026-11-21T02:22:11.382Z', enabled: true } });
const lists: readonly (readonly [name: string, body: unknown])[] = [
  ['no domains', {}],
  ['an empty list', { domains: [] }],
  ['a domain listed twice', { domains: [entry('a'), entry('b'), entry('a')] }],
  ['a domain without a stamp', { domains: [{ domain: { name: 'a' } }] }],
  ['a stamp that is no time', { domains: [{ domain: { name: 'a', modified: 'yesterday' } }] }],
  ['a domain without a name', { domains: [{ domain: { name: '', modified: '2026-11-21T02:22:11.382Z' } }] }],
];
for (const [name, body] of lists) {
  test(`${name} is no list of domains`, () => {
    assert.throws(() => parseList(JSON.stringify(body)), { code: 'ZMS_BAD_RESPONSE' });
  });
}

const base = { name: 'acme.a', modified: '2026-11-21T02:22:11.382Z', enabled: true };
const documents: readonly (readonly [name: string, document: object])[] = [
  ['a role of another domain', { roles: [{ name: 'acme.b:role.x' }] }],
  ['a group under a role’s name', { groups: [{ name: 'acme.a:role.x' }] }],
  ['a role twice', { roles: [{ name: 'acme.a:role.x' }, { name: 'acme.a:role.x' }] }],
  ['members that are no list', { roles: [{ name: 'acme.a:role.x', roleMembers: {} }] }],
  ['a member without a name', { roles: [{ name: 'acme.a:role.x', roleMembers: [{}] }] }],
  ['a trust that is no text', { roles: [{ name: 'acme.a:role.x', trust: 1 }] }],
];
for (const [name, document] of documents) {
  test(`a document with ${name} is not read at all`, () => {
    assert.throws(() => parseDocument(JSON.stringify({ ...base, ...document })), { code: 'ZMS_BAD_RESPONSE' });
  });
}

test('what ZMS leaves out or sends as null is empty, and unknown fields are passed over', () => {
  const document = parseDocument(JSON.stringify({ ...base, enabled: null, groups: null, policies: null, anything: 1 }));
  assert.deepEqual(document, {
    name: 'acme.a',
    modified: base.modified,
    enabled: true,
    roles: [],
    groups: [],
    assumes: [],
  });
});

const rows: readonly (readonly [name: string, row: object, member: object])[] = [
  ['a plain row', {}, {}],
  ['approved true, as every effective row may say', { approved: true, active: true }, {}],
  ['approved false', { approved: false, active: false, pendingState: 'ADD' }, { approved: false, active: false }],
  ['only active false', { active: false }, { active: false }],
  ['a suspended principal', { systemDisabled: 4 }, { systemDisabled: 4 }],
  ['a principal that is suspended no more', { systemDisabled: 0 }, {}],
  ['an end', { expiration: '2026-12-01T01:28:10.000Z' }, { expiration: '2026-12-01T01:28:10.000Z' }],
  ['an end that is no time, for others to judge', { expiration: 'never' }, { expiration: 'never' }],
  ['an empty end, which is not the same as none', { expiration: '' }, { expiration: '' }],
  ['nulls', { expiration: null, systemDisabled: null, approved: null, active: null }, {}],
  ['what is not used', { requestPrincipal: 'user.x', principalType: 1, reviewReminder: null }, {}],
];
for (const [name, row, member] of rows) {
  test(`${name} in a role or a group is read for what it means`, () => {
    const members = [{ memberName: 'user.ada', ...row }];
    const document = parseDocument(
      JSON.stringify({
        ...base,
        roles: [{ name: 'acme.a:role.r', roleMembers: members }],
        groups: [{ name: 'acme.a:group.g', groupMembers: members }],
      }),
    );
    assert.deepEqual(document.roles, [{ name: 'r', members: [{ name: 'user.ada', ...member }] }]);
    assert.deepEqual(document.groups, [{ name: 'g', members: [{ name: 'user.ada', ...member }] }]);
  });
}

test('names are kept as they are: dots, upper case, repeated members, any order', () => {
  const roleMembers = ['user.Zoe', 'user.ada', 'user.ada', '', 'org:group.a.b'].map((memberName) => ({ memberName }));
  const document = parseDocument(
    JSON.stringify({ ...base, roles: [{ name: 'acme.a:role.On.Call-1', roleMembers, trust: null }] }),
  );
  assert.deepEqual(document.roles, [
    { name: 'On.Call-1', members: roleMembers.map(({ memberName: name }) => ({ name })) },
  ]);
});

const stamps = fc.uniqueArray(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 1, maxLength: 12 });

test('a list in any order comes out sorted, with every name once', () => {
  fc.assert(
    fc.property(stamps, (names) => {
      const body = JSON.stringify({ domains: names.map(entry) });
      assert.deepEqual(
        parseList(body).map(({ name }) => name),
        names.toSorted(),
      );
    }),
  );
});

test('a list with a name twice anywhere is refused', () => {
  fc.assert(
    fc.property(stamps, fc.nat(), fc.nat(), (names, from, to) => {
      const twice = names.toSpliced(to % (names.length + 1), 0, names[from % names.length] ?? '');
      const body = JSON.stringify({ domains: twice.map(entry) });
      assert.throws(() => parseList(body), { code: 'ZMS_BAD_RESPONSE', message: /is in it twice/ });
    }),
  );
});

test('whether a domain is enabled is taken from the list, and it is where nothing is said', () => {
  const domains = [true, false, null, undefined].map((enabled, index) => ({
    domain: { name: `d${index}`, modified: base.modified, enabled },
  }));
  assert.deepEqual(
    parseList(JSON.stringify({ domains })).map(({ enabled }) => enabled),
    [true, false, true, true],
  );
});

test('action and effect count in upper and lower case', () => {
  const assertion = { role: 'acme.a:role.x', resource: 'acme.b:role.y', action: 'ASSUME_ROLE' };
  const assertions = [{ ...assertion, effect: 'deny' }, { ...assertion, effect: 'Allow' }, assertion];
  const document = parseDocument(
    JSON.stringify({ ...base, policies: { contents: { policies: [{ name: 'p', assertions }] } } }),
  );
  assert.deepEqual(document.assumes, [
    { role: 'acme.a:role.x', resource: 'acme.b:role.y' },
    { role: 'acme.a:role.x', resource: 'acme.b:role.y' },
  ]);
});

test('only active policies that allow assume_role count', () => {
  const assertion = { role: 'acme.a:role.x', resource: 'acme.b:role.y', action: 'assume_role', effect: 'ALLOW' };
  const policy = (changes: object, active = true) => ({ active, assertions: [{ ...assertion, ...changes }] });
  const policies = [
    policy({}),
    policy({ effect: 'DENY' }),
    policy({ action: '*' }),
    policy({}, false),
    policy({ effect: null }),
  ];
  const document = parseDocument(JSON.stringify({ ...base, policies: { contents: { policies } } }));
  assert.equal(document.assumes.length, 2);
});

test('only the shape of ZMS itself is a ZMS error', () => {
  assert.deepEqual(parseError('{"code":404,"message":"gone"}'), { code: 404, message: 'gone' });
  for (const body of [
    '',
    '<html/>',
    '{"servlet":"x","message":"Not Found","status":"404"}',
    '[]',
    'null',
    '{"code":"404","message":"x"}',
  ]) {
    assert.equal(parseError(body), undefined);
  }
});

test('any body is read or refused as ZMS_BAD_RESPONSE', () => {
  const shaped = fc
    .json()
    .chain((json) =>
      fc.constantFrom(
        json,
        `{"domains":${json}}`,
        `{"domains":[{"domain":${json}}]}`,
        JSON.stringify({ ...base, roles: JSON.parse(json) }),
      ),
    );
  fc.assert(
    fc.property(fc.oneof(fc.string(), shaped), (body) => {
      for (const parse of [parseList, parseDocument, parsePublicKey, (text: string) => parseSigned(text, 'a')]) {
        try {
          parse(body);
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'ZMS_BAD_RESPONSE', String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});
