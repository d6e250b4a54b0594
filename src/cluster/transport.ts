import type { RequestOptions } from 'node:https';
import pThrottle from 'p-throttle';
import { type Dispatcher, request } from 'undici';
import { AppError, type ErrorCode, reasonOf } from '../model/error.ts';
import { decryptIt, isEncrypted } from '../model/key.ts';
import { connectionTrouble, type TroubleKind } from '../model/trouble.ts';
import { openDispatcher, type TlsSettings } from '../runtime/dispatcher.ts';
import type { Target } from './kubeconfig.ts';

/** An answer whose body arrived complete. */
export interface KubeAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Without a body it is a GET, else a POST of it as JSON. */
export interface KubeRequest {
  /** Behind the server's address, with the query. */
  readonly path: string;
  readonly body?: object;
}

export interface KubeTransport {
  /** Sends a request once. @throws AppError `CLUSTER_TLS`, `CLUSTER_UNREACHABLE`, `CLUSTER_TIMEOUT`, `CLUSTER_UNAUTHENTICATED` */
  send(request: KubeRequest, atMost?: number): Promise<KubeAnswer>;
  /** Requests sent so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** What a client may ask of one API server: as much as client-go lets a careful controller. */
const pace = { limit: 150, interval: 1000 };

/** What every request to one API server carries: one connection pool, and the headers of one sign-in. */
interface SignIn {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

interface Sent extends KubeAnswer {
  readonly by: Promise<SignIn>;
}

/**
 * Requests to one API server. The library finds credentials and TLS settings (certificates, tokens, exec plugins); its own
 * client would open a new connection for every request, so they are sent from here, over connections that are kept.
 *
 * @param timeout of one request, milliseconds
 * @param findAgain reads the kubeconfig again
 */
export function openTransport(target: Target, timeout: number, findAgain: () => Target): KubeTransport {
  const counted = { requests: 0 };
  let signedIn: Promise<SignIn> | undefined;
  const once = async ({ path, body }: KubeRequest, atMost: number): Promise<Sent> => {
    signedIn ??= signIn(target, timeout);
    const by = signedIn;
    const { headers, dispatcher } = await by;
    counted.requests++;
    try {
      const answer = await request(`${target.server}${path}`, {
        dispatcher,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': 'athenz-gitops',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(atMost),
      });
      const retryAfter = answer.headers['retry-after'];
      return {
        by,
        status: answer.statusCode,
        retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        body: await answer.body.text(),
      };
    } catch (error) {
      throw classify(error, target, path, atMost);
    }
  };
  const paced = pThrottle(pace)(once);
  return {
    async send(asked, atMost = timeout) {
      const allowed = Math.max(1, Math.floor(Math.min(timeout, atMost)));
      const answer = await paced(asked, allowed);
      if (answer.status !== 401) return answer;
      // A token may have run out on the way. Of many requests that are told so at once, one signs in again for all.
      if (signedIn === answer.by) {
        signedIn = signInAgain(target, timeout, findAgain);
        void retire(answer.by);
      }
      return paced(asked, allowed);
    },
    get requests() {
      return counted.requests;
    },
    close: async () => (await signedIn?.catch(() => undefined))?.dispatcher.destroy(),
  };
}

async function signIn({ kubeConfig, context, proxy }: Target, silence: number): Promise<SignIn> {
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
  return { headers, dispatcher: openDispatcher({ proxy, tls, silence }) };
}

/** The library keeps what a plugin or a file has given, and would give it again: only reading the kubeconfig again gives another. */
async function signInAgain(target: Target, silence: number, findAgain: () => Target): Promise<SignIn> {
  const found = findAgain();
  // Another server's credentials are not for this one.
  return signIn(found.server === target.server ? found : target, silence);
}

/** Lets those finish that are still under way. */
async function retire(signedIn: Promise<SignIn>): Promise<void> {
  const last = await signedIn;
  await last.dispatcher.close().catch(() => undefined);
}

function classify(error: unknown, { server }: Target, path: string, timeout: number): AppError {
  const { kind, why } = connectionTrouble(error, timeout);
  const [code, next] = meanings[kind];
  return new AppError(code, `${server}${path.split('?', 1)[0]}: ${why}`, { next, cause: error });
}

const meanings: Readonly<Record<TroubleKind, readonly [ErrorCode, string]>> = {
  timeout: ['CLUSTER_TIMEOUT', 'try again'],
  'tls-name': ['CLUSTER_TLS', 'correct the server of the kubeconfig, or set its tls-server-name'],
  'tls-issuer': ['CLUSTER_TLS', "set certificate-authority of the kubeconfig to the cluster's CA"],
  'tls-time': ['CLUSTER_TLS', 'tell the cluster administrators'],
  'tls-client': ['CLUSTER_TLS', 'renew the client certificate of the kubeconfig'],
  tls: ['CLUSTER_TLS', 'check the certificates and the key of the kubeconfig'],
  unreachable: ['CLUSTER_UNREACHABLE', 'check the server of the kubeconfig, the network and the proxy'],
};
