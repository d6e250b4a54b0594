import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import type { AthenzConfig } from '../config/types.ts';
import { AppError, reasonOfFile } from '../model/error.ts';
import { decryptIt, isEncrypted } from '../model/key.ts';
import { readText } from '../runtime/file.ts';

/** PEM texts of one TLS identity. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Gives the identity of this moment: files are read again when they changed, as agents renew them under our feet. Unchanged,
 * it is the same object.
 */
export interface CredentialSource {
  (): Promise<Credentials>;
  /** When the certificate that was given last expires, RFC 3339 UTC; undefined before the first. */
  expires(): string | undefined;
}

/**
 * The client certificate and key of the config, or of `ATHENZ_CERT` and `ATHENZ_KEY` (PEM text), which win.
 *
 * The source throws AppError `ATHENZ_CERT_MISSING`, `ATHENZ_CERT_INVALID` or `ATHENZ_CERT_EXPIRED`, which say more than
 * the TLS alert the server would answer with.
 */
export function credentialSource(config: AthenzConfig, env: NodeJS.ProcessEnv, now: () => number): CredentialSource {
  const certificate = pemSource('certificate', env['ATHENZ_CERT'], config.certPath, 'athenz.certPath or ATHENZ_CERT');
  const privateKey = pemSource('key', env['ATHENZ_KEY'], config.keyPath, 'athenz.keyPath or ATHENZ_KEY');
  const authority = config.caPath === null ? undefined : pemSource('CA', undefined, config.caPath, 'athenz.caPath');
  let checked: Credentials | undefined;
  let parsed: { readonly pem: string; readonly certificate: X509Certificate } | undefined;
  const credentials = async () => {
    const cert = await certificate();
    const key = await privateKey();
    const ca = await authority?.();
    if (parsed?.pem !== cert.pem) parsed = { pem: cert.pem, certificate: parseCertificate('certificate', cert) };
    checkValidity(parsed.certificate, now());
    if (checked?.cert === cert.pem && checked.key === key.pem && checked.ca === ca?.pem) return checked;
    checkPair(cert, key);
    if (ca !== undefined) parseCertificate('CA', ca);
    checked = { cert: cert.pem, key: key.pem, ...(ca === undefined ? {} : { ca: ca.pem }) };
    return checked;
  };
  return Object.assign(credentials, { expires: () => parsed?.certificate.validToDate.toISOString() });
}

/** A text and where it is from: a file, or the variable that holds it. */
interface Pem {
  readonly pem: string;
  readonly from: string;
}

function pemSource(what: string, text: string | undefined, path: string | null, setting: string): () => Promise<Pem> {
  if (text !== undefined && text !== '') {
    const from = setting.replace(/.* /, '');
    return async () => ({ pem: checkPem(what, text, from), from });
  }
  if (path === null) {
    return async () => {
      throw new AppError('ATHENZ_CERT_MISSING', `connecting to ZMS: no client ${what}`, { next: `set ${setting}` });
    };
  }
  let read: { readonly stamp: string; readonly pem: string } | undefined;
  return async () => {
    try {
      // Before each request: to wait for it costs more than to ask.
      const { mtimeMs, size, ino } = statSync(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (read?.stamp !== stamp) read = { stamp, pem: checkPem(what, await readText(path), path) };
      return { pem: read.pem, from: path };
    } catch (error) {
      if (error instanceof AppError) throw error;
      const [key, variable] = setting.split(' or ');
      const or = variable === undefined ? '' : `, or put the PEM text into ${variable}`;
      throw new AppError('ATHENZ_CERT_MISSING', `reading the ${what} ${path}: ${reasonOfFile(error)}`, {
        next: `correct ${key}${or}`,
        cause: error,
      });
    }
  };
}

/** Who a client certificate says it is: ZMS takes the common name (CN) for the principal. */
export function principalOf({ subject }: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(subject)?.[1];
}

function checkPem(what: string, text: string, source: string): string {
  if (isEncrypted(text)) {
    throw new AppError('ATHENZ_CERT_INVALID', `reading the ${what} of ${source}: it is encrypted`, { next: decryptIt });
  }
  if (/-----BEGIN [A-Z ]+-----/.test(text)) return text;
  throw new AppError('ATHENZ_CERT_INVALID', `reading the ${what} of ${source}: it is not PEM`, {
    next: 'provide the whole PEM block, including its BEGIN and END lines',
  });
}

function checkValidity(certificate: X509Certificate, now: number): void {
  if (Date.parse(certificate.validTo) < now) {
    const subject = certificate.subject.replaceAll('\n', ', ');
    throw new AppError('ATHENZ_CERT_EXPIRED', `the client certificate (${subject}) expired ${certificate.validTo}`, {
      next: 'renew it, and check its automatic renewal',
    });
  }
}

/** TLS would say that too, without the name of the file. */
function checkPair(certificate: Pem, { pem, from }: Pem): void {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new AppError('ATHENZ_CERT_INVALID', `reading the key of ${from}: it contains no valid private key`, {
      next: 'provide the unencrypted private key of the client certificate as PEM, including its BEGIN and END lines',
      cause: error,
    });
  }
  if (parseCertificate('certificate', certificate).checkPrivateKey(key)) return;
  throw new AppError(
    'ATHENZ_CERT_INVALID',
    `the key of ${from} does not belong to the certificate of ${certificate.from}`,
    {
      next: 'use the matching certificate and key',
    },
  );
}

/** The first certificate of a text. */
function parseCertificate(what: string, { pem, from }: Pem): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    // The words of the library say nothing of the file.
    const why = pem.includes('-----BEGIN CERTIFICATE-----') ? 'an invalid certificate' : 'no certificate';
    throw new AppError('ATHENZ_CERT_INVALID', `reading the ${what} of ${from}: it contains ${why}`, {
      next: 'provide the whole PEM block, including its BEGIN and END lines',
      cause: error,
    });
  }
}
