import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestAuthority } from '../support/certificates.ts';
import { startZms } from '../support/zms.ts';
import { onlyOnce, writePair } from '../support/zms-client.ts';

// Who the program is on the wire: the sandbox notes the common name of the certificate behind each request.

test('a client shows ZMS the certificate of the config’s files', async () => {
  await using fixture = await startZms();
  await fixture.zms.listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal }) => principal),
    ['acme.platform.gitops'],
  );
});

test('a client shows ZMS the certificate in ATHENZ_CERT, without any file', async () => {
  await using fixture = await startZms();
  const { cert, key } = await fixture.sandbox.authority.issue({ principal: 'acme.ci.secret' });
  const env = { ATHENZ_CERT: cert, ATHENZ_KEY: key };
  await fixture.open({ certPath: null, keyPath: null }, env).listDomains();
  await fixture.open({}, env).listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal }) => principal),
    ['acme.ci.secret', 'acme.ci.secret'],
  );
});

test('a renewed certificate is shown on the next connection, while old ones go on', async () => {
  await using fixture = await startZms();
  await fixture.zms.listDomains();
  await writePair(fixture.dir, await fixture.sandbox.authority.issue({ principal: 'acme.platform.renewed' }));
  await fixture.zms.listDomains();
  let resets = 1;
  fixture.sandbox.intercept(() => (resets-- > 0 ? { kind: 'reset' } : undefined));
  await fixture.zms.listDomains();
  await fixture.zms.listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal, status }) => `${status} ${principal}`),
    [
      '200 acme.platform.gitops',
      '200 acme.platform.gitops',
      '0 acme.platform.gitops',
      '200 acme.platform.renewed',
      '200 acme.platform.renewed',
    ],
  );
});

const unusable: readonly (readonly [name: string, code: string, spoil: (dir: string) => Promise<void>])[] = [
  ['missing', 'ATHENZ_CERT_MISSING', (dir) => rm(join(dir, 'client.crt'))],
  ['not PEM', 'ATHENZ_CERT_INVALID', (dir) => writeFile(join(dir, 'client.crt'), 'no certificate')],
];
for (const [name, code, spoil] of unusable) {
  test(`with a certificate that is ${name} nothing is sent, and nothing is tried again`, async () => {
    await using fixture = await startZms();
    await spoil(fixture.dir);
    await assert.rejects(fixture.zms.listDomains(), { code });
    assert.equal(fixture.sandbox.requests.length, 0);
    assert.deepEqual(fixture.clock.slept, []);
  });
}

test('with an expired certificate nothing is sent: the reason is said before the server refuses it', async () => {
  await using fixture = await startZms();
  fixture.clock.advance(2 * 365 * 24 * 3_600_000);
  await assert.rejects(fixture.zms.listDomains(), { code: 'ATHENZ_CERT_EXPIRED' });
  assert.equal(fixture.sandbox.requests.length, 0);
});

test('a key that belongs to another certificate is a TLS error that names the key, and one try', async () => {
  await using fixture = await startZms();
  const { key } = await fixture.sandbox.authority.issue({ principal: 'acme.platform.other' });
  await writeFile(join(fixture.dir, 'client.key'), key);
  await assert.rejects(fixture.zms.listDomains(), {
    code: 'ZMS_TLS',
    message: /key values mismatch/,
    next: /check the certificate, the key/,
  });
  assert.deepEqual(fixture.clock.slept, []);
});

test('a key file cut off in the middle of a renewal is a TLS error, and the next request works again', async () => {
  await using fixture = await startZms({ retry: onlyOnce });
  const pair = await fixture.sandbox.authority.issue({ principal: 'acme.platform.renewed' });
  await writePair(fixture.dir, { ...pair, key: `${pair.key.slice(0, 80)}\n-----END PRIVATE KEY-----\n` });
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_TLS' });
  await writePair(fixture.dir, pair);
  await fixture.zms.listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal }) => principal),
    ['acme.platform.renewed'],
  );
});

test('a client certificate of a CA that ZMS does not know reaches nothing', async () => {
  await using fixture = await startZms({ retry: onlyOnce });
  const authority = await createTestAuthority();
  await writePair(fixture.dir, await authority.issue({ principal: 'acme.platform.gitops' }));
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_UNREACHABLE' });
  assert.equal(fixture.sandbox.requests.length, 0);
});
