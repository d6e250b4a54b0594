import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createAuthority } from '../../src/sandbox/authority.ts';

test('issues certificates for a TLS server and client', async () => {
  const authority = await createAuthority();
  const ca = new X509Certificate(authority.caPem);
  assert.equal(ca.ca, true);

  const server = new X509Certificate(authority.serverPem.cert);
  assert.ok(server.checkIssued(ca) && server.verify(ca.publicKey));
  assert.equal(server.checkHost('localhost'), 'localhost');
  assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(server.checkIP('::1'), '::1');

  const { cert, key } = await authority.issue({ principal: 'sys.gitops.sync' });
  const client = new X509Certificate(cert);
  assert.ok(client.checkIssued(ca) && client.verify(ca.publicKey));
  assert.equal(client.subject, 'CN=sys.gitops.sync');
  assert.ok(client.checkPrivateKey(createPrivateKey(key)));
  assert.ok(Date.parse(client.validFrom) < Date.now() && Date.now() < Date.parse(client.validTo));
});

test('issues certificates for any validity and any common name', async () => {
  const authority = await createAuthority();
  const { cert } = await authority.issue({
    principal: 'odd, O=name',
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2020-01-02T00:00:00Z'),
  });
  const expired = new X509Certificate(cert);
  assert.equal(expired.toLegacyObject().subject['CN'], 'odd, O=name');
  assert.equal(new Date(expired.validTo).toISOString(), '2020-01-02T00:00:00.000Z');
});
