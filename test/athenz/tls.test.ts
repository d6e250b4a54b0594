import assert from 'node:assert/strict';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { AppError } from '../../src/model/error.ts';
import { type CertificateRequest, createTestAuthority } from '../support/certificates.ts';
import { serveHttps } from '../support/https.ts';
import { openClient } from '../support/zms-client.ts';

// Handshake failures report their cause and are not retried.

const day = 86_400_000;
const answerList = (_: unknown, response: { end(body: string): void }) => response.end('{"domains":[]}');

interface HandshakeFailure {
  readonly certificate?: Partial<CertificateRequest>;
  readonly tls?: ServerOptions;
  /** The CA that the client trusts. Default: the server's. */
  readonly caPem?: () => Promise<string>;
  readonly client?: Partial<CertificateRequest>;
  readonly message: RegExp;
  readonly next: RegExp;
}

const failures: Readonly<Record<string, HandshakeFailure>> = {
  'a server certificate from an unknown CA': {
    caPem: async () => (await createTestAuthority('another CA')).caPem,
    message: /from an unknown CA \(SELF_SIGNED_CERT_IN_CHAIN\)/,
    next: /athenz\.caPath/,
  },
  'a server certificate from another CA of the same name': {
    caPem: async () => (await createTestAuthority()).caPem,
    message: /CERT_SIGNATURE_FAILURE/,
    next: /certificate/,
  },
  'a server certificate for another name': {
    certificate: { names: ['zms.example.com'] },
    message: /for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    next: /athenz\.zmsUrl/,
  },
  'an expired server certificate': {
    certificate: { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) },
    message: /not valid now \(CERT_HAS_EXPIRED\)/,
    next: /ZMS administrators/,
  },
  'a server certificate that is not valid yet': {
    certificate: { notBefore: new Date(Date.now() + day), notAfter: new Date(Date.now() + 2 * day) },
    message: /not valid now \(CERT_NOT_YET_VALID\)/,
    next: /ZMS administrators/,
  },
  'a server certificate for client use': {
    certificate: { usage: 'clientAuth' },
    message: /INVALID_PURPOSE/,
    next: /certificate/,
  },
  // The server does not support P-384, so the client sends no certificate and learns it after the handshake.
  'a client certificate not accepted by the server (TLS 1.3)': {
    client: { curve: 'P-384' },
    tls: { rejectUnauthorized: true, sigalgs: 'ECDSA+SHA256', minVersion: 'TLSv1.3' },
    message: /the server refused the client certificate \(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED\)/,
    next: /which CA the server accepts/,
  },
  'a server with outdated TLS only': {
    tls: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    message: /TLS failed: .*protocol/i,
    next: /athenz\.zmsUrl/,
  },
};
for (const [name, { certificate, tls, caPem, client, message, next }] of Object.entries(failures)) {
  test(`ZMS_TLS, not retried: ${name}`, async () => {
    await using server = await serveHttps(answerList, {
      ...(certificate === undefined ? {} : { certificate }),
      ...(tls === undefined ? {} : { tls }),
    });
    const pair = await server.authority.issue({ principal: 'acme.platform.gitops', ...client });
    const trusted = caPem === undefined ? server.authority.caPem : await caPem();
    await using it = await openClient(
      { url: server.url, authority: { ...server.authority, caPem: trusted } },
      { pair },
    );
    await assert.rejects(it.zms.listDomains(), (error: AppError) => {
      assert.equal(error.code, 'ZMS_TLS', error.message);
      assert.match(error.message, /^connecting to ZMS at localhost:\d+: [^:]+(: [^:]+)?$/);
      assert.match(error.message, message);
      assert.match(error.next ?? '', next);
      return true;
    });
    assert.deepEqual(server.paths, []);
    assert.deepEqual(it.clock.slept, []);
  });
}

/** Alerts that a server sends before it closes the connection. */
const alerts: readonly (readonly [alert: number, name: string, blamesClient: boolean])[] = [
  [42, 'bad certificate', true],
  [44, 'certificate revoked', true],
  [45, 'certificate expired', true],
  [46, 'certificate unknown', true],
  [48, 'unknown CA', true],
  [49, 'access denied', true],
  [40, 'handshake failure', false],
  [70, 'protocol version', false],
  [80, 'internal error', false],
];
for (const [alert, name, blamesClient] of alerts) {
  test(`TLS alert "${name}" ${blamesClient ? 'blames' : 'does not blame'} the client certificate`, async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const authority = await createTestAuthority();
      const url = `https://localhost:${(server.address() as AddressInfo).port}/zms/v1`;
      await using client = await openClient({ url, authority });
      await assert.rejects(client.zms.listDomains(), (error: AppError) => {
        assert.equal(error.code, 'ZMS_TLS', error.message);
        assert.equal(error.message.includes('refused the client certificate'), blamesClient, error.message);
        return true;
      });
      assert.deepEqual(client.clock.slept, []);
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  });
}
