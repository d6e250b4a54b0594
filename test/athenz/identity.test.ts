import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestAuthority } from '../support/certificates.ts';
import { startZms } from '../support/zms.ts';
import { onlyOnce, writePair } from '../support/zms-client.ts';

// The sandbox records the common name of the client certificate of each request.

test('authenticates with the certificate files from the config', async () => {
  await using fixture = await startZms();
  await fixture.zms.listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal }) => principal),
    ['acme.platform.gitops'],
  );
});

test('authenticates with the certificate in ATHENZ_CERT, with or without files', async () => {
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

test('uses a renewed certificate from the next request on', async () => {
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
      '200 acme.platform.renewed',
      '0 acme.platform.renewed',
      '200 acme.platform.renewed',
      '200 acme.platform.renewed',
    ],
  );
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKey = privateKey.export({ type: 'pkcs8', format: 'pem' });

const unusable: readonly (readonly [name: string, code: string, corrupt: (dir: string) => Promise<void>])[] = [
  ['missing', 'ATHENZ_CERT_MISSING', (dir) => rm(join(dir, 'client.crt'))],
  ['not PEM', 'ATHENZ_CERT_INVALID', (dir) => writeFile(join(dir, 'client.crt'), 'no certificate')],
  ['of another key', 'ATHENZ_CERT_INVALID', (dir) => writeFile(join(dir, 'client.key'), otherKey)],
];
for (const [name, code, corrupt] of unusable) {
  test(`sends nothing and does not retry with a certificate that is ${name}`, async () => {
    await using fixture = await startZms();
    await corrupt(fixture.dir);
    await assert.rejects(fixture.zms.listDomains(), { code });
    assert.equal(fixture.sandbox.requests.length, 0);
    assert.deepEqual(fixture.clock.slept, []);
  });
}

test('an expired certificate fails with ATHENZ_CERT_EXPIRED and sends nothing', async () => {
  await using fixture = await startZms();
  fixture.clock.advance(2 * 365 * 24 * 3_600_000);
  await assert.rejects(fixture.zms.listDomains(), { code: 'ATHENZ_CERT_EXPIRED' });
  assert.equal(fixture.sandbox.requests.length, 0);
});

test('a truncated key file fails with ATHENZ_CERT_INVALID until it is replaced', async () => {
  await using fixture = await startZms({ retry: onlyOnce });
  const pair = await fixture.sandbox.authority.issue({ principal: 'acme.platform.renewed' });
  await writePair(fixture.dir, { ...pair, key: `${pair.key.slice(0, 80)}\n-----END PRIVATE KEY-----\n` });
  await assert.rejects(fixture.zms.listDomains(), { code: 'ATHENZ_CERT_INVALID' });
  await writePair(fixture.dir, pair);
  await fixture.zms.listDomains();
  assert.deepEqual(
    fixture.sandbox.requests.map(({ principal }) => principal),
    ['acme.platform.renewed'],
  );
});

test('a client certificate from an unknown CA fails with ZMS_UNREACHABLE', async () => {
  await using fixture = await startZms({ retry: onlyOnce });
  const authority = await createTestAuthority();
  await writePair(fixture.dir, await authority.issue({ principal: 'acme.platform.gitops' }));
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_UNREACHABLE' });
  assert.equal(fixture.sandbox.requests.length, 0);
});
