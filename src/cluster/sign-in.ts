import type { RequestOptions } from 'node:https';
import { AppError, reasonOf } from '../model/error.ts';
import { decryptIt, isEncrypted } from '../model/key.ts';
import type { TlsSettings } from '../runtime/dispatcher.ts';
import type { Identity } from '../runtime/exchange.ts';
import type { IdentitySource } from '../runtime/http.ts';
import type { Target } from './kubeconfig.ts';

/**
 * Signs in once for all requests, and again where the server refuses what it was given: a token may have expired. The library
 * finds credentials and TLS settings (certificates, tokens, exec plugins); its own client would open a new connection for every
 * request.
 *
 * The source throws AppError `CLUSTER_UNAUTHENTICATED`.
 *
 * @param findAgain reads the kubeconfig again
 */
export function signInOf(target: Target, findAgain: () => Target): IdentitySource {
  let current: Promise<Identity> | undefined;
  return {
    now() {
      current ??= signIn(target);
      return current;
    },
    async renew(refused) {
      const asked = current;
      // Of many requests that are refused at once, one signs in again for all.
      if ((await asked) === refused && current === asked) current = signInAgain(target, findAgain);
    },
  };
}

/** The library keeps what a plugin or a file has given, and would give it again: only reading the kubeconfig again gives another. */
async function signInAgain(target: Target, findAgain: () => Target): Promise<Identity> {
  const found = findAgain();
  // Another server's credentials are not for this one.
  return signIn(found.server === target.server ? found : target);
}

async function signIn({ kubeConfig, context }: Target): Promise<Identity> {
  const found: RequestOptions = {};
  try {
    await kubeConfig.applyToHTTPSOptions(found);
  } catch (error) {
    throw new AppError('CLUSTER_UNAUTHENTICATED', `authenticating with the context "${context}": ${reasonOf(error)}`, {
      next: 'check the credentials of the context: kubectl --context does the same',
      cause: error,
    });
  }
  if (isEncrypted(String(found.key ?? ''))) {
    const what = `authenticating with the context "${context}": its client key is encrypted`;
    throw new AppError('CLUSTER_UNAUTHENTICATED', what, { next: decryptIt });
  }
  const { headers: given = {}, auth, ca, cert, key, servername } = found;
  const basic = auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  // A token's file may end with a line break, which no header can hold.
  const headers = Object.fromEntries(
    Object.entries({ ...basic, ...given }).map(([name, value]) => [name, String(value).trim()]),
  );
  if (Object.values(headers).some((value) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))) {
    const what = `authenticating with the context "${context}": its token contains an invalid character`;
    throw new AppError('CLUSTER_UNAUTHENTICATED', what, { next: 'get a new token' });
  }
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, servername }).filter(([, value]) => value),
  ) as TlsSettings;
  return { tls, headers };
}
