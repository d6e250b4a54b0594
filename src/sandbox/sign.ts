import { generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';

export type SigningAlgorithm = 'ES256' | 'RS256';

/** How an EC signature is written down: ZMS gives DER unless asked for what JWS prescribes. RSA has one form only. */
export type SignatureFormat = 'der' | 'ieee-p1363';

/** The key that signs domain documents. */
export interface Signer {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicKeyPem: string;
  sign(text: string, format: SignatureFormat): Buffer;
}

/** A flattened JWS as ZMS answers it, with the key id repeated outside the protected header. */
export interface SignedDocument {
  readonly payload: string;
  readonly header: { readonly kid: string };
  readonly signature: string;
  readonly protected: string;
}

/** Makes a new signing key, which exists in this process only. */
export async function createSigner(algorithm: SigningAlgorithm): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeys(algorithm);
  return {
    keyId: '0',
    algorithm,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text, format) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: format }),
  };
}

/** Wraps a payload into the flattened JWS that `GET /domain/D/signed` answers. */
export function signDocument(payload: string, signer: Signer, format: SignatureFormat): SignedDocument {
  const header = Buffer.from(JSON.stringify({ kid: signer.keyId, alg: signer.algorithm })).toString('base64url');
  const body = Buffer.from(payload).toString('base64url');
  return {
    payload: body,
    header: { kid: signer.keyId },
    signature: signer.sign(`${header}.${body}`, format).toString('base64url'),
    protected: header,
  };
}

/** Athenz' own base64 for URLs (Yahoo's): `.`, `_` and `-` in place of `+`, `/` and `=`. */
export function ybase64(bytes: Uint8Array | string): string {
  const text = Buffer.from(bytes).toString('base64');
  return text.replaceAll('+', '.').replaceAll('/', '_').replaceAll('=', '-');
}

async function generateKeys(
  algorithm: SigningAlgorithm,
): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  const generate = promisify(generateKeyPair);
  return algorithm === 'ES256' ? generate('ec', { namedCurve: 'P-256' }) : generate('rsa', { modulusLength: 2048 });
}
