import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { AthenzConfig } from '../config/types.ts';
import { AppError, reasonOf } from '../model/error.ts';

/** PEM texts of one TLS identity. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** Gives the identity of this moment: files are read again when they changed, as agents renew them under our feet. */
export type CredentialSource = () => Promise<Credentials>;

/**
 * The client certificate and key of the config, or of `ATHENZ_CERT` and `ATHENZ_KEY` (PEM text), which win.
 *
 * The source throws AppError `ATHENZ_CERT_MISSING`, `ATHENZ_CERT_INVALID` or `ATHENZ_CERT_EXPIRED`, which say more than
 * the TLS alert the server would answer with.
 */
export function credentialSource(config: AthenzConfig, env: NodeJS.ProcessEnv, now: () => number): CredentialSource {
  const certificate = pemSource('certificate', env['ATHENZ_CERT'], config.certPath, 'athenz.certPath or ATHENZ_CERT');
  const key = pemSource('key', env['ATHENZ_KEY'], config.keyPath, 'athenz.keyPath or ATHENZ_KEY');
  const ca = config.caPath === null ? undefined : pemSource('CA', undefined, config.caPath, 'athenz.caPath');
  return async () => {
    const cert = await certificate();
    checkValidity(cert, now());
    return { cert, key: await key(), ...(ca === undefined ? {} : { ca: await ca() }) };
  };
}

function pemSource(
  what: string,
  text: string | undefined,
  path: string | null,
  setting: string,
): () => Promise<string> {
  if (text !== undefined && text !== '') return async () => checkPem(what, text, setting);
  if (path === null) {
    return async () => {
      throw new AppError('ATHENZ_CERT_MISSING', `connecting to ZMS: no client ${what}`, { next: `set ${setting}` });
    };
  }
  let read: { readonly stamp: string; readonly pem: string } | undefined;
  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (read?.stamp !== stamp) read = { stamp, pem: checkPem(what, await readFile(path, 'utf8'), path) };
      return read.pem;
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('ATHENZ_CERT_MISSING', `reading the ${what} ${path}: ${reasonOf(error)}`, {
        next: `check the path in ${setting}`,
        cause: error,
      });
    }
  };
}

function checkPem(what: string, text: string, source: string): string {
  if (/-----BEGIN [A-Z ]+-----/.test(text)) return text;
  throw new AppError('ATHENZ_CERT_INVALID', `reading the ${what} of ${source}: it is not PEM`, {
    next: 'give the text between and with the -----BEGIN and -----END lines',
  });
}

function checkValidity(pem: string, now: number): void {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new AppError('ATHENZ_CERT_INVALID', `reading the client certificate: ${reasonOf(error)}`, { cause: error });
  }
  if (Date.parse(certificate.validTo) < now) {
    const subject = certificate.subject.replaceAll('\n', ', ');
    throw new AppError('ATHENZ_CERT_EXPIRED', `the client certificate (${subject}) expired ${certificate.validTo}`, {
      next: 'renew it, and check what should have renewed it',
    });
  }
}
