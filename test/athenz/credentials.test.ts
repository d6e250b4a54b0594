import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { credentialSource } from '../../src/athenz/credentials.ts';
import type { AthenzConfig } from '../../src/config/types.ts';
import type { AppError, ErrorCode } from '../../src/model/error.ts';
import type { CertificatePair } from '../../src/sandbox/authority.ts';
import { createTestAuthority, encryptedKey, type TestAuthority } from '../support/certificates.ts';
import { makeFolder } from '../support/folder.ts';
import { defaults, writePair } from '../support/zms-client.ts';

const day = 86_400_000;
const now = () => Date.now();

let authority: TestAuthority;
let pair: CertificatePair;
before(async () => {
  authority = await createTestAuthority();
  pair = await authority.issue({ principal: 'acme.platform.gitops' });
});

function inFolder(dir: string): AthenzConfig {
  return { ...defaults, certPath: join(dir, 'client.crt'), keyPath: join(dir, 'client.key') };
}

test('reads the certificate, key and CA from the configured files', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, pair);
  await writeFile(join(folder.dir, 'ca.crt'), authority.caPem);
  const source = credentialSource({ ...inFolder(folder.dir), caPath: join(folder.dir, 'ca.crt') }, {}, now);
  assert.deepEqual(await source(), { ...pair, ca: authority.caPem });
});

test('returns no CA when none is configured, so the system CAs apply', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, pair);
  assert.deepEqual(await credentialSource(inFolder(folder.dir), {}, now)(), { ...pair });
});

test('PEM text in ATHENZ_CERT and ATHENZ_KEY takes precedence over files', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, await authority.issue({ principal: 'acme.platform.other' }));
  const env = { ATHENZ_CERT: pair.cert, ATHENZ_KEY: pair.key };
  assert.deepEqual(await credentialSource(inFolder(folder.dir), env, now)(), { ...pair });
  assert.deepEqual(await credentialSource(defaults, env, now)(), { ...pair });
});

test('treats empty ATHENZ_CERT and ATHENZ_KEY as unset, as in CI without the secret', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, pair);
  const source = credentialSource(inFolder(folder.dir), { ATHENZ_CERT: '', ATHENZ_KEY: '' }, now);
  assert.deepEqual(await source(), { ...pair });
});

test('reads changed files again', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, pair);
  const source = credentialSource(inFolder(folder.dir), {}, now);
  const first = await source();
  assert.equal((await source()).cert, first.cert);
  const renewed = await authority.issue({ principal: 'acme.platform.renewed', notAfter: new Date(now() + day) });
  await writePair(folder.dir, renewed);
  assert.deepEqual(await source(), { ...renewed });
});

test('reports a broken or missing certificate file and recovers once it is valid', async () => {
  await using folder = await makeFolder();
  await writePair(folder.dir, pair);
  const source = credentialSource(inFolder(folder.dir), {}, now);
  await source();
  await writeFile(join(folder.dir, 'client.crt'), '');
  await assert.rejects(source(), { code: 'ATHENZ_CERT_INVALID' });
  await rm(join(folder.dir, 'client.crt'));
  await assert.rejects(source(), { code: 'ATHENZ_CERT_MISSING' });
  await writePair(folder.dir, pair);
  assert.deepEqual(await source(), { ...pair });
});

type Setup = (dir: string) => Promise<{ readonly config?: AthenzConfig; readonly env?: NodeJS.ProcessEnv }>;

const failures: readonly (readonly [name: string, setup: Setup, code: ErrorCode, message: RegExp])[] = [
  ['nothing is configured', async () => ({ config: defaults }), 'ATHENZ_CERT_MISSING', /no client certificate/],
  [
    'only the certificate is given',
    async () => ({ config: defaults, env: { ATHENZ_CERT: pair.cert } }),
    'ATHENZ_CERT_MISSING',
    /no client key/,
  ],
  [
    'the certificate file is missing',
    async (dir) => ({ config: { ...inFolder(dir), certPath: join(dir, 'nowhere.crt') } }),
    'ATHENZ_CERT_MISSING',
    /reading the certificate .*nowhere\.crt: .*ENOENT/,
  ],
  [
    'the key file is missing',
    async (dir) => ({ config: { ...inFolder(dir), keyPath: join(dir, 'nowhere.key') } }),
    'ATHENZ_CERT_MISSING',
    /reading the key .*nowhere\.key: .*ENOENT/,
  ],
  [
    'the CA file is missing',
    async (dir) => ({ config: { ...inFolder(dir), caPath: join(dir, 'nowhere.crt') } }),
    'ATHENZ_CERT_MISSING',
    /reading the CA .*nowhere\.crt: .*ENOENT/,
  ],
  [
    'the certificate path is a directory',
    async (dir) => ({ config: { ...inFolder(dir), certPath: dir } }),
    'ATHENZ_CERT_MISSING',
    /EISDIR/,
  ],
  [
    'the certificate file is not PEM',
    async (dir) => {
      await writeFile(join(dir, 'client.crt'), Buffer.from([0x30, 0x82, 0x01, 0x0a]));
      return {};
    },
    'ATHENZ_CERT_INVALID',
    /certificate of .*client\.crt: it is not PEM/,
  ],
  [
    'ATHENZ_CERT holds a file path, not PEM',
    async (dir) => ({ env: { ATHENZ_CERT: join(dir, 'client.crt') } }),
    'ATHENZ_CERT_INVALID',
    /ATHENZ_CERT: it is not PEM/,
  ],
  [
    'the key file is not PEM',
    async (dir) => {
      await writeFile(join(dir, 'client.key'), 's3cret, but no key');
      return {};
    },
    'ATHENZ_CERT_INVALID',
    /key of .*client\.key: it is not PEM/,
  ],
  [
    'the key is encrypted',
    async (dir) => {
      await writeFile(join(dir, 'client.key'), encryptedKey());
      return {};
    },
    'ATHENZ_CERT_INVALID',
    /reading the key of .*client\.key: it is encrypted$/,
  ],
  [
    'the key in ATHENZ_KEY is encrypted in the old way',
    async () => ({ env: { ATHENZ_KEY: encryptedKey('sec1') } }),
    'ATHENZ_CERT_INVALID',
    /ATHENZ_KEY: it is encrypted$/,
  ],
  [
    'the certificate file holds a key',
    async (dir) => ({ config: { ...inFolder(dir), certPath: join(dir, 'client.key') } }),
    'ATHENZ_CERT_INVALID',
    /reading the certificate of .*client\.key: /,
  ],
  [
    'the key file contains a certificate',
    async (dir) => ({ config: { ...inFolder(dir), keyPath: join(dir, 'client.crt') } }),
    'ATHENZ_CERT_INVALID',
    /reading the key of .*client\.crt: it contains no valid private key/,
  ],
  [
    'the key file holds the key of another certificate',
    async (dir) => {
      await writeFile(join(dir, 'client.key'), (await authority.issue({ principal: 'acme.platform.other' })).key);
      return {};
    },
    'ATHENZ_CERT_INVALID',
    /the key of .*client\.key does not belong to the certificate of .*client\.crt/,
  ],
  [
    'ATHENZ_KEY is truncated',
    async () => ({ env: { ATHENZ_KEY: `${pair.key.slice(0, 80)}\n-----END PRIVATE KEY-----\n` } }),
    'ATHENZ_CERT_INVALID',
    /reading the key of ATHENZ_KEY: it contains no valid private key/,
  ],
  [
    'the CA file holds a key',
    async (dir) => ({ config: { ...inFolder(dir), caPath: join(dir, 'client.key') } }),
    'ATHENZ_CERT_INVALID',
    /reading the CA of .*client\.key: /,
  ],
  [
    'the certificate has expired',
    async (dir) => {
      const [notBefore, notAfter] = [new Date(now() - 2 * day), new Date(now() - day)];
      await writePair(dir, await authority.issue({ principal: 'acme.platform.old', notBefore, notAfter }));
      return {};
    },
    'ATHENZ_CERT_EXPIRED',
    /\(CN=acme\.platform\.old\) expired /,
  ],
];
for (const [name, setup, code, message] of failures) {
  test(`fails with ${code} when ${name}`, async () => {
    await using folder = await makeFolder();
    await writePair(folder.dir, pair);
    const { config = inFolder(folder.dir), env = {} } = await setup(folder.dir);
    await assert.rejects(credentialSource(config, env, now)(), (error: AppError) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(!`${error.message} ${error.next}`.includes('s3cret'));
      assert.ok(error.next !== undefined);
      return true;
    });
  });
}

test('checks certificate expiry against the injected clock', async () => {
  await using folder = await makeFolder();
  const notAfter = new Date(Math.floor(now() / 1000) * 1000 + day);
  await writePair(folder.dir, await authority.issue({ principal: 'acme.platform.gitops', notAfter }));
  let time = notAfter.getTime();
  const source = credentialSource(inFolder(folder.dir), {}, () => time);
  await source();
  time += 1;
  await assert.rejects(source(), { code: 'ATHENZ_CERT_EXPIRED' });
});
