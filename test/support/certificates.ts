import 'reflect-metadata';
import { generateKeyPairSync, KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificatePair } from '../../src/sandbox/authority.ts';

export interface CertificateRequest {
  /** The common name. */
  readonly principal: string;
  /** A group, where the certificate is for Kubernetes. */
  readonly organization?: string;
  /** DNS names of a server; none and no addresses: a client's certificate. */
  readonly names?: readonly string[];
  /** IP addresses of a server. */
  readonly addresses?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in an hour. */
  readonly notAfter?: Date;
  /** Default: `serverAuth` with names or addresses, else `clientAuth`. */
  readonly usage?: 'serverAuth' | 'clientAuth';
  readonly curve?: 'P-256' | 'P-384';
}

/** A certificate authority that issues what a good one would not. */
export interface TestAuthority {
  readonly caPem: string;
  issue(request: CertificateRequest): Promise<CertificatePair>;
}

const hour = 3_600_000;

/** Two of them with one name cannot be told apart but by their signatures. */
export async function createTestAuthority(name = 'test CA'): Promise<TestAuthority> {
  const keys = await generateKeys('P-256');
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    caPem: ca.toString('pem'),
    async issue({ principal, organization, names, addresses, notBefore, notAfter, usage, curve = 'P-256' }) {
      const own = await generateKeys(curve);
      const alternatives = [
        ...(names ?? []).map((value) => ({ type: 'dns' as const, value })),
        ...(addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
      ];
      const extensions: x509.Extension[] = [
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage[usage ?? (alternatives.length === 0 ? 'clientAuth' : 'serverAuth')],
        ]),
      ];
      if (alternatives.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(alternatives));
      const cert = await x509.X509CertificateGenerator.create({
        subject: [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [principal] }],
        issuer: ca.subjectName,
        notBefore: notBefore ?? new Date(Date.now() - hour),
        notAfter: notAfter ?? new Date(Date.now() + hour),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
        extensions,
      });
      const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
      return { cert: cert.toString('pem'), key };
    },
  };
}

/** A private key with a passphrase, in PEM. @param type `sec1`: as older tools write it */
export function encryptedKey(type: 'pkcs8' | 'sec1' = 'pkcs8'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type, cipher: 'aes-256-cbc', passphrase: 's3cret' }).toString();
}

function generateKeys(namedCurve: string): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
}
