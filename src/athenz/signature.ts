import type { CryptoKey } from 'jose';
import { AppError, reasonOf } from '../model/error.ts';
import { settled } from '../runtime/retry.ts';
import type { SignedDocument } from './wire.ts';

/** Gives the PEM of the public key with this id. @throws AppError */
export type KeySource = (keyId: string) => Promise<string>;

/** Checks a document's signature and gives its payload. @throws AppError `ZMS_SIGNATURE`, or the key source's */
export type Verifier = (document: SignedDocument, domain: string) => Promise<string>;

/**
 * Verifies RS256 and ES256 signatures of domain documents (RFC 7515, flattened).
 *
 * Each key is asked for once in the verifier's life, and never kept beyond it.
 */
export function createVerifier(keyOf: KeySource): Verifier {
  const keys = new Map<string, Promise<CryptoKey>>();
  return async ({ payload, protected: header, signature }, domain) => {
    // A run in which nothing has changed verifies nothing.
    const { errors, flattenedVerify, importSPKI } = await import('jose');
    const importKey = ({ kid, alg }: { readonly kid?: unknown; readonly alg?: unknown }): Promise<CryptoKey> => {
      if (!isKeyId(kid)) throw new Error('its key id is missing or malformed');
      const id = `${alg} ${kid}`;
      const known = keys.get(id) ?? keyOf(kid).then((pem) => importSPKI(pem, String(alg)));
      keys.set(id, known);
      return known;
    };
    try {
      const verified = await flattenedVerify({ payload, protected: header, signature }, importKey, {
        algorithms: ['RS256', 'ES256'],
      });
      return new TextDecoder('utf-8', { fatal: true }).decode(verified.payload);
    } catch (error) {
      if (error instanceof AppError) throw withoutKey(domain, error);
      const why = error instanceof errors.JWSSignatureVerificationFailed ? 'it does not verify' : reasonOf(error);
      throw badSignature(domain, why, error);
    }
  };
}

/** The id of the key that a protected header names; undefined where it names none. */
export function keyIdIn(header: string): string | undefined {
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { readonly kid?: unknown };
  return isKeyId(kid) ? kid : undefined;
}

/** It becomes a part of a path. */
function isKeyId(kid: unknown): kid is string {
  return typeof kid === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(kid);
}

/** A failure to get the key is every document's: reading those again mends nothing. */
function withoutKey(domain: string, error: AppError): unknown {
  const next = error.next === undefined ? {} : { next: error.next };
  const message = `checking the signature of the document of ${domain}: ${error.message}`;
  return settled(new AppError(error.code, message, { ...next, cause: error }));
}

function badSignature(domain: string, why: string, cause?: unknown): AppError {
  return new AppError('ZMS_SIGNATURE', `checking the signature of the document of ${domain}: ${why}`, {
    next: 'check athenz.publicKeys and any proxy in front of ZMS',
    cause,
  });
}
