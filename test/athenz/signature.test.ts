import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier, type KeySource } from '../../src/athenz/signature.ts';
import { parseDocument, parseList, parsePublicKey, parseSigned, type SignedDocument } from '../../src/athenz/wire.ts';
import { AppError } from '../../src/model/error.ts';
import { trials } from '../support/properties.ts';
import { acme } from '../support/recording.ts';

const recordedKey = parsePublicKey(readFileSync(join(acme, 'publickey-0.json'), 'utf8'));
const recordedDocument = (name: string) =>
  parseSigned(readFileSync(join(acme, 'signed', `${name}.json`), 'utf8'), name);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed = generateKeyPairSync('ed25519');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const payload = '{"name":"acme"}';

/** A document with this header, signed by `by`. */
function signed(
  header: object,
  by: (text: string) => Buffer | string,
  body: string | Buffer = payload,
): SignedDocument {
  const text = `${base64(JSON.stringify(header))}.${base64(body)}`;
  return { payload: base64(body), protected: base64(JSON.stringify(header)), signature: base64(by(text)) };
}

const byRsa =
  (hash: string, padding = {}) =>
  (text: string) =>
    sign(hash, Buffer.from(text), { key: rsa.privateKey, ...padding });
const byEc =
  (key: KeyObject, hash: string, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363') =>
  (text: string) =>
    sign(hash, Buffer.from(text), { key, dsaEncoding });
const es256 = byEc(ec.privateKey, 'sha256');

test('verifies every recorded document, with the timestamp from the list', async () => {
  const verify = createVerifier(async () => recordedKey);
  const stamps = parseList(readFileSync(join(acme, 'modified_domains.json'), 'utf8'));
  const files = await readdir(join(acme, 'signed'));
  for (const file of files) {
    const name = file.replace(/\.json$/, '');
    const document = parseDocument(await verify(recordedDocument(name), name));
    assert.equal(document.name, name);
    assert.equal(document.modified, stamps.get(name));
    assert.equal(document.enabled, name !== 'acme.eks.search-core');
  }
  assert.equal(files.length, 67);
});

test('rejects a changed byte anywhere in payload, header or signature', async () => {
  const names = ['acme.org', 'acme.platform', 'acme.eks.ml-api', 'acme.eks.search-core'];
  const verify = createVerifier(async () => recordedKey);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom('payload' as const, 'protected' as const, 'signature' as const),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (name, part, at, difference) => {
        const document = recordedDocument(name);
        const bytes = Buffer.from(document[part], 'base64url');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ difference;
        const forged = { ...document, [part]: bytes.toString('base64url') };
        await assert.rejects(verify(forged, name), { code: 'ZMS_SIGNATURE' });
      },
    ),
    { numRuns: trials(100) },
  );
});

test('rejects a document with truncated, added or swapped parts', async () => {
  const verify = createVerifier(async () => recordedKey);
  const document = recordedDocument('acme.org');
  const other = recordedDocument('acme.platform');
  const forgeries: readonly Partial<SignedDocument>[] = [
    { payload: other.payload },
    { signature: other.signature },
    { signature: document.signature.slice(0, -4) },
    { signature: '' },
    { signature: `${document.signature}AAAA` },
    { payload: document.payload.slice(0, -4) },
    { payload: `${document.payload}AAAA` },
    { payload: '' },
    { payload: `${document.payload}=` },
    { payload: `${document.payload}\n` },
    { protected: '' },
    { protected: base64('{}') },
    { protected: base64('[]') },
    { protected: base64('not JSON') },
    { protected: base64('{"alg":"RS256"}') },
  ];
  for (const forgery of forgeries) {
    await assert.rejects(
      verify({ ...document, ...forgery }, 'acme.org'),
      { code: 'ZMS_SIGNATURE' },
      JSON.stringify(forgery),
    );
  }
});

const good: readonly (readonly [alg: string, key: KeyObject, by: (text: string) => Buffer])[] = [
  ['ES256', ec.publicKey, es256],
  ['RS256', rsa.publicKey, byRsa('sha256')],
];
for (const [alg, key, by] of good) {
  test(`returns the payload of a document signed with ${alg}`, async () => {
    assert.equal(await createVerifier(async () => pemOf(key))(signed({ alg, kid: '0' }, by), 'acme'), payload);
  });
}

const pss = { padding: 6, saltLength: 32 };
const secret = (key: string) => (text: string) => createHmac('sha256', key).update(text).digest();
const bad: readonly (readonly [name: string, document: SignedDocument, key: string])[] = [
  ['alg none without a signature', signed({ alg: 'none', kid: '0' }, () => ''), pemOf(ec.publicKey)],
  ['alg none with a signature', signed({ alg: 'none', kid: '0' }, es256), pemOf(ec.publicKey)],
  ['a header without an algorithm', signed({ kid: '0' }, es256), pemOf(ec.publicKey)],
  [
    'HS256 with the public key as its secret',
    signed({ alg: 'HS256', kid: '0' }, secret(pemOf(rsa.publicKey))),
    pemOf(rsa.publicKey),
  ],
  ['RS512', signed({ alg: 'RS512', kid: '0' }, byRsa('sha512')), pemOf(rsa.publicKey)],
  ['PS256', signed({ alg: 'PS256', kid: '0' }, byRsa('sha256', pss)), pemOf(rsa.publicKey)],
  ['ES384', signed({ alg: 'ES384', kid: '0' }, byEc(ec384.privateKey, 'sha384')), pemOf(ec384.publicKey)],
  [
    'EdDSA',
    signed({ alg: 'EdDSA', kid: '0' }, (text) => sign(null, Buffer.from(text), ed.privateKey)),
    pemOf(ed.publicKey),
  ],
  [
    'ES256 with a DER signature',
    signed({ alg: 'ES256', kid: '0' }, byEc(ec.privateKey, 'sha256', 'der')),
    pemOf(ec.publicKey),
  ],
  ['an RS256 header with an ES256 signature', signed({ alg: 'RS256', kid: '0' }, es256), pemOf(ec.publicKey)],
  [
    'an ES256 header with an RS256 signature',
    signed({ alg: 'ES256', kid: '0' }, byRsa('sha256')),
    pemOf(rsa.publicKey),
  ],
  [
    'an unknown critical extension',
    signed({ alg: 'ES256', kid: '0', crit: ['exp'], exp: 1 }, es256),
    pemOf(ec.publicKey),
  ],
  [
    'a document signed by another key',
    signed({ alg: 'ES256', kid: '0' }, es256),
    pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
  ],
  ['an invalid key', signed({ alg: 'ES256', kid: '0' }, es256), 'nothing of the kind'],
  [
    'a payload that is not UTF-8',
    signed({ alg: 'ES256', kid: '0' }, es256, Buffer.from([0x7b, 0xff, 0x7d])),
    pemOf(ec.publicKey),
  ],
];
for (const [name, document, key] of bad) {
  test(`rejects ${name} with ZMS_SIGNATURE`, async () => {
    await assert.rejects(createVerifier(async () => key)(document, 'acme.eks'), {
      code: 'ZMS_SIGNATURE',
      message: /^checking the signature of the document of acme\.eks: ./,
    });
  });
}

const invalidKids: readonly unknown[] = [
  undefined,
  null,
  0,
  {},
  ['0'],
  '',
  '.',
  '..',
  '../0',
  'a/b',
  'a b',
  '0?x=1',
  '0#',
  '%2e%2e',
  '0\n',
  'ключ',
  '-',
  'x'.repeat(65),
];
for (const kid of invalidKids) {
  test(`rejects the key id ${JSON.stringify(kid)?.slice(0, 20)} without fetching it`, async () => {
    const fetched: string[] = [];
    const verify = createVerifier(async (id) => {
      fetched.push(id);
      return pemOf(ec.publicKey);
    });
    await assert.rejects(verify(signed({ alg: 'ES256', kid }, es256), 'acme'), {
      code: 'ZMS_SIGNATURE',
      message: /key id/,
    });
    assert.deepEqual(fetched, []);
  });
}

for (const kid of ['0', 'zms.us-west_1', '_', 'A'.repeat(64)]) {
  test(`fetches the key with the id ${kid.slice(0, 20)}`, async () => {
    const fetched: string[] = [];
    const verify = createVerifier(async (id) => {
      fetched.push(id);
      return pemOf(ec.publicKey);
    });
    assert.equal(await verify(signed({ alg: 'ES256', kid }, es256), 'acme'), payload);
    assert.deepEqual(fetched, [kid]);
  });
}

test('fetches each key once for any number of concurrent documents', async () => {
  const fetched: string[] = [];
  const keys: KeySource = async (id) => {
    fetched.push(id);
    await new Promise(setImmediate);
    return pemOf(ec.publicKey);
  };
  const verify = createVerifier(keys);
  const documents = Array.from({ length: 30 }, (_, index) => signed({ alg: 'ES256', kid: String(index % 2) }, es256));
  await Promise.all(documents.map((document) => verify(document, 'acme')));
  await verify(signed({ alg: 'ES256', kid: '1' }, es256), 'acme');
  assert.deepEqual(fetched, ['0', '1']);
  await createVerifier(keys)(signed({ alg: 'ES256', kid: '0' }, es256), 'acme');
  assert.deepEqual(fetched, ['0', '1', '0'], 'a new verifier must fetch again');
});

test('reports a failed key fetch for each document without fetching again', async () => {
  let fetched = 0;
  const verify = createVerifier(async () => {
    fetched++;
    throw new AppError('ZMS_FORBIDDEN', 'reading the public key 0 of ZMS: 403');
  });
  for (let time = 0; time < 3; time++) {
    await assert.rejects(verify(signed({ alg: 'ES256', kid: '0' }, es256), 'acme'), { code: 'ZMS_FORBIDDEN' });
  }
  assert.equal(fetched, 1);
});
