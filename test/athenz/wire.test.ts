import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier } from '../../src/athenz/signature.ts';
import { parseDocument, parseError, parseList, parsePublicKey, parseSigned } from '../../src/athenz/wire.ts';
import { AppError } from '../../src/model/error.ts';
import { trials } from '../support/properties.ts';
import { acme } from '../support/recording.ts';

test('verifies and parses every recorded document', async () => {
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

test('parses the recorded list, sorted, with its disabled domain', async () => {
  const list = parseList(await readFile(join(acme, 'modified_domains.json'), 'utf8')).all();
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
  ['a body without domains', {}],
  ['an empty list', { domains: [] }],
  ['a domain listed twice', { domains: [entry('a'), entry('b'), entry('a')] }],
  ['a domain without a timestamp', { domains: [{ domain: { name: 'a' } }] }],
  ['an invalid timestamp', { domains: [{ domain: { name: 'a', modified: 'yesterday' } }] }],
  ['a domain without a name', { domains: [{ domain: { name: '', modified: '2026-11-21T02:22:11.382Z' } }] }],
];
for (const [name, body] of lists) {
  test(`parseList rejects ${name}`, () => {
    assert.throws(() => parseList(JSON.stringify(body)), { code: 'ZMS_BAD_RESPONSE' });
  });
}

const base = { name: 'acme.a', modified: '2026-11-21T02:22:11.382Z', enabled: true };
const documents: readonly (readonly [name: string, document: object])[] = [
  ['a role of another domain', { roles: [{ name: 'acme.b:role.x' }] }],
  ['a group with the name of a role', { groups: [{ name: 'acme.a:role.x' }] }],
  ['a duplicate role', { roles: [{ name: 'acme.a:role.x' }, { name: 'acme.a:role.x' }] }],
  ['members that are not a list', { roles: [{ name: 'acme.a:role.x', roleMembers: {} }] }],
  ['a member without a name', { roles: [{ name: 'acme.a:role.x', roleMembers: [{}] }] }],
  ['a trust that is not a string', { roles: [{ name: 'acme.a:role.x', trust: 1 }] }],
];
for (const [name, document] of documents) {
  test(`rejects a document with ${name}`, () => {
    assert.throws(() => parseDocument(JSON.stringify({ ...base, ...document })), { code: 'ZMS_BAD_RESPONSE' });
  });
}

test('missing and null fields are empty, and unknown fields are ignored', () => {
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
  ['a plain member', {}, {}],
  ['a member with approved true', { approved: true, active: true }, {}],
  [
    'a member with approved false',
    { approved: false, active: false, pendingState: 'ADD' },
    { approved: false, active: false },
  ],
  ['a member with only active false', { active: false }, { active: false }],
  ['a suspended member', { systemDisabled: 4 }, { systemDisabled: 4 }],
  ['a member that is no longer suspended', { systemDisabled: 0 }, {}],
  ['an expiration', { expiration: '2026-12-01T01:28:10.000Z' }, { expiration: '2026-12-01T01:28:10.000Z' }],
  ['an invalid expiration, unchanged,', { expiration: 'never' }, { expiration: 'never' }],
  ['an empty expiration, unlike a missing one,', { expiration: '' }, { expiration: '' }],
  ['null fields', { expiration: null, systemDisabled: null, approved: null, active: null }, {}],
  ['unused fields', { requestPrincipal: 'user.x', principalType: 1, reviewReminder: null }, {}],
];
for (const [name, row, member] of rows) {
  test(`parses ${name} in roles and groups`, () => {
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

test('keeps names as they are, with dots, upper case, duplicates and order', () => {
  const roleMembers = ['user.Zoe', 'user.ada', 'user.ada', '', 'org:group.a.b'].map((memberName) => ({ memberName }));
  const document = parseDocument(
    JSON.stringify({ ...base, roles: [{ name: 'acme.a:role.On.Call-1', roleMembers, trust: null }] }),
  );
  assert.deepEqual(document.roles, [
    { name: 'On.Call-1', members: roleMembers.map(({ memberName: name }) => ({ name })) },
  ]);
});

const domainNames = fc.uniqueArray(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 1, maxLength: 12 });

test('parseList sorts domains by name', () => {
  fc.assert(
    fc.property(domainNames, (names) => {
      const body = JSON.stringify({ domains: names.map(entry) });
      assert.deepEqual(
        parseList(body)
          .all()
          .map(({ name }) => name),
        names.toSorted(),
      );
    }),
  );
});

test('parseList rejects a list with a duplicate name', () => {
  fc.assert(
    fc.property(domainNames, fc.nat(), fc.nat(), (names, from, to) => {
      const duplicated = names.toSpliced(to % (names.length + 1), 0, names[from % names.length] ?? '');
      const body = JSON.stringify({ domains: duplicated.map(entry) });
      assert.throws(() => parseList(body), { code: 'ZMS_BAD_RESPONSE', message: /appears twice/ });
    }),
  );
});

test('a domain is enabled unless the list disables it', () => {
  const domains = [true, false, null, undefined].map((enabled, index) => ({
    domain: { name: `d${index}`, modified: base.modified, enabled },
  }));
  assert.deepEqual(
    parseList(JSON.stringify({ domains }))
      .all()
      .map(({ enabled }) => enabled),
    [true, false, true, true],
  );
});

test('action and effect are case-insensitive', () => {
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

test('parseError accepts only the error format of ZMS', () => {
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

test('any body parses or fails with ZMS_BAD_RESPONSE', () => {
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
    { numRuns: trials(125) },
  );
});
