import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encryptedKey } from '../support/certificates.ts';
import { assertFinding, type Diagnosis, diagnose, type Expected } from '../support/diagnosis.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { type Folder, makeFolder } from '../support/folder.ts';
import { gitEnv } from '../support/repository.ts';

const day = 86_400_000;

let fixture: Fixture;
let folder: Folder;
let config = '';
before(async () => {
  [fixture, folder] = await Promise.all([openFixture(), makeFolder()]);
  config = await readFile(fixture.paths.config, 'utf8');
});
after(() => Promise.all([fixture[Symbol.asyncDispose](), folder[Symbol.asyncDispose]()]));

/** Runs doctor with these identity files; the others are the fixture's own. */
async function diagnoseWith(files: Readonly<Record<string, string>>, more: object = {}): Promise<Diagnosis> {
  let text = config;
  for (const [setting, content] of Object.entries(files)) {
    const file = join(folder.dir, setting);
    await writeFile(file, content, { mode: 0o600 });
    text = text.replace(new RegExp(`${setting}: .*`), `${setting}: ${file}`);
  }
  await writeFile(fixture.paths.config, text);
  return diagnose(fixture, more);
}

/** The validity of a certificate in days from now, and the expected finding. */
const spans: readonly (readonly [name: string, from: number, until: number, expected: Omit<Expected, 'check'>])[] = [
  [
    'with 180 days left',
    -180,
    180.5,
    { status: 'ok', says: /^CN acme\.gitops, valid until \d{4}-\d\d-\d\d \(180 days\)/ },
  ],
  ['with 8 of 30 days left', -22, 8.1, { status: 'ok', says: /\(8 days\)/ }],
  ['with less than 7 days left', -10, 6.5, { status: 'warning', says: /\(6 days\)/, fix: /renew it/ }],
  ['with less than a day left', -10, 0.3, { status: 'warning', says: /\(7 hours\)/, fix: /renew it/ }],
  ['with less than a fifth left', -300, 65, { status: 'warning', says: /\(6[45] days\)/, fix: /renew it/ }],
  ['that has expired', -30, -2.5, { status: 'error', says: /expired \d{4}-\d\d-\d\d \(2 days ago\)/, fix: /renew it/ }],
  ['that is not valid yet', 2.5, 30, { status: 'error', says: /not valid before .*\(in 2 days\)/, fix: /clock/ }],
];
for (const [name, from, until, expected] of spans) {
  test(`a certificate ${name}: ${expected.status}`, async () => {
    const { cert, key } = await fixture.sandbox.authority.issue({
      principal: 'acme.gitops',
      notBefore: new Date(Date.now() + from * day),
      notAfter: new Date(Date.now() + until * day),
    });
    const diagnosis = await diagnoseWith({ certPath: cert, keyPath: key });
    assertFinding(diagnosis, { check: 'certificate', ...expected });
    assertFinding(diagnosis, { check: 'key', status: 'ok', says: /belongs/ });
    const zms = expected.status === 'error' ? 'skipped' : 'ok';
    assertFinding(diagnosis, { check: 'zms', status: zms, says: /./ });
  });
}

const broken: readonly (readonly [name: string, files: Readonly<Record<string, string>>, expected: Expected])[] = [
  [
    'an invalid certificate',
    { certPath: 'nonsense' },
    { check: 'certificate', status: 'error', says: /contains no certificate/, fix: /BEGIN and END lines/ },
  ],
  [
    'an invalid key',
    { keyPath: 'nonsense' },
    { check: 'key', status: 'error', says: /contains no valid private key/, fix: /unencrypted/ },
  ],
  [
    'a CA file without a certificate',
    { caPath: 'nonsense' },
    { check: 'ca', status: 'error', says: /contains no certificate/, fix: /athenz\.caPath/ },
  ],
  [
    'a CA file with a broken certificate',
    { caPath: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n' },
    { check: 'ca', status: 'error', says: /reading .*caPath/, fix: /athenz\.caPath/ },
  ],
];
for (const [name, files, expected] of broken) {
  test(`${name}: error, and no request to ZMS`, async () => {
    const requestsBefore = fixture.sandbox.requests.length;
    const diagnosis = await diagnoseWith(files);
    assertFinding(diagnosis, expected);
    assertFinding(diagnosis, { check: 'zms', status: 'skipped', says: /^fix the certificate/ });
    assert.equal(fixture.sandbox.requests.length, requestsBefore);
  });
}

test('a key of another certificate: error', async () => {
  const { key } = await fixture.sandbox.authority.issue({ principal: 'acme.other' });
  const expected = { check: 'key', status: 'error', says: /does not belong/, fix: /matching/ } as const;
  assertFinding(await diagnoseWith({ keyPath: key }), expected);
});

test('an encrypted key: error', async () => {
  const expected = { check: 'key', status: 'error', says: /is encrypted$/, fix: /openssl pkey/ } as const;
  assertFinding(await diagnoseWith({ keyPath: encryptedKey() }), expected);
});

test('a key readable by others: warning', async () => {
  const key = await readFile(fixture.paths.credentials.keyPath, 'utf8');
  await diagnoseWith({ keyPath: key });
  const file = join(folder.dir, 'keyPath');
  for (const mode of [0o640, 0o604]) {
    await chmod(file, mode);
    const says = new RegExp(`may read .*\\(mode 0${mode.toString(8)}\\)`);
    assertFinding(await diagnose(fixture), { check: 'key', status: 'warning', says, fix: /^chmod 600 \// });
  }
  await chmod(file, 0o600);
  assertFinding(await diagnose(fixture), { check: 'key', status: 'ok', says: /belongs/ });
});

test('missing identity files: error', async () => {
  await writeFile(fixture.paths.config, config.replace(/(certPath|keyPath|caPath): (?=\S)/g, '$&none/'));
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, {
    check: 'certificate',
    status: 'error',
    says: /ENOENT/,
    fix: /athenz\.certPath or ATHENZ_CERT/,
  });
  assertFinding(diagnosis, { check: 'key', status: 'error', says: /ENOENT/, fix: /athenz\.keyPath or ATHENZ_KEY/ });
  assertFinding(diagnosis, { check: 'ca', status: 'error', says: /ENOENT/, fix: /athenz\.caPath/ });
});

test('no certificate and key configured: error', async () => {
  await writeFile(fixture.paths.config, config.replace(/ {2}(certPath|keyPath): .*\n/g, ''));
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, { check: 'certificate', status: 'error', says: /there is none/, fix: /ATHENZ_CERT/ });
  assertFinding(diagnosis, { check: 'key', status: 'error', says: /there is none/, fix: /ATHENZ_KEY/ });
});

test('certificate and key in the environment override the files', async () => {
  const { cert, key } = await fixture.sandbox.authority.issue({ principal: 'acme.from.env' });
  const env = { ...gitEnv, ATHENZ_CERT: cert, ATHENZ_KEY: key };
  const diagnosis = await diagnoseWith({ certPath: 'nonsense', keyPath: 'nonsense' }, { env });
  assertFinding(diagnosis, { check: 'certificate', status: 'ok', says: /^CN acme\.from\.env/ });
  assertFinding(diagnosis, { check: 'key', status: 'ok', says: /belongs/ });
  const damaged = { ...env, ATHENZ_KEY: key.replace('BEGIN', 'START') };
  const { findings } = await diagnoseWith({}, { env: damaged });
  assertFinding({ code: 1, findings }, { check: 'key', status: 'error', says: /^ATHENZ_KEY contains/, fix: /PEM/ });
  assert.ok(!JSON.stringify(findings).includes(key.split('\n')[1] ?? key));
});
