// tsyringe, underneath the next one, refuses to load without it.
import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both as PEM text. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export interface ClientRequest {
  /** The common name, which is all that ZMS takes an identity from: `sys.gitops.sync`. */
  readonly principal: string;
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: a year from now. */
  readonly notAfter?: Date;
}

/** A certificate authority of the sandbox' own, which vouches for the server and for every client. */
export interface Authority {
  readonly caPem: string;
  /** For `localhost`, `127.0.0.1` and `::1`. */
  readonly serverPem: CertificatePair;
  issue(request: ClientRequest): Promise<CertificatePair>;
}

type KeyPair = webcrypto.CryptoKeyPair;

interface Issuer {
  readonly keys: KeyPair;
  readonly ca: x509.X509Certificate;
}

interface LeafRequest {
  readonly name: string;
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
  readonly extensions: readonly x509.Extension[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hour = 3_600_000;
const year = 365 * 24 * hour;

/** Makes a new authority with a server certificate. Its keys (EC P-256) exist in this process only. */
export async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['athenz-gitops sandbox CA'] }],
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + 10 * year),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issuer: Issuer = { keys, ca };
  const serverPem = await issueLeaf(issuer, {
    name: 'localhost',
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });
  return {
    caPem: pemOf(ca),
    serverPem,
    issue: ({ principal, notBefore, notAfter }) =>
      issueLeaf(issuer, {
        name: principal,
        notBefore,
        notAfter,
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      }),
  };
}

async function issueLeaf({ keys: caKeys, ca }: Issuer, request: LeafRequest): Promise<CertificatePair> {
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [request.name] }],
    issuer: ca.subjectName,
    notBefore: request.notBefore ?? new Date(Date.now() - hour),
    notAfter: request.notAfter ?? new Date(Date.now() + year),
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ...request.extensions,
    ],
  });
  return {
    cert: pemOf(cert),
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function generateKeys(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function pemOf(cert: x509.X509Certificate): string {
  return `${cert.toString('pem')}\n`;
}
