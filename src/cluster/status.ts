import { AppError, type ErrorCode } from '../model/error.ts';
import type { TroubleKind } from '../model/trouble.ts';
import type { HttpAnswer } from '../runtime/exchange.ts';
import type { HttpOptions } from '../runtime/http.ts';
import { wordsOf } from './wire.ts';

/** The body of a 200 or 201. @throws AppError `CLUSTER_…` by status, with the server's own words where there are any */
export function succeeded({ status, body }: HttpAnswer, doing: string): string {
  if (status === 200 || status === 201) return body;
  const [code, next] = meaningOf(status);
  const words = wordsOf(body)?.split('\n', 1)[0];
  throw new AppError(code, `${doing}: ${status}${words === undefined ? '' : `: ${words}`}`, { next });
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  if (status === 401) {
    return ['CLUSTER_UNAUTHENTICATED', 'sign in again: the credentials of the context are wrong or have expired'];
  }
  if (status === 403) return ['CLUSTER_FORBIDDEN', 'bind the ClusterRole of docs/how-to/drift.md to this identity'];
  if (status === 404)
    return ['CLUSTER_BAD_RESPONSE', 'check the kind and its apiVersion, and the server of the kubeconfig'];
  if (status === 410) return ['CLUSTER_EXPIRED', 'try again'];
  if (status === 429 || status >= 500)
    return ['CLUSTER_UNAVAILABLE', 'try again; if it persists, ask its administrators'];
  if (status === 400 || status === 422) return ['CLUSTER_REFUSED', 'correct what the server reports'];
  return ['CLUSTER_BAD_RESPONSE', 'check the server of the kubeconfig'];
}

/** What a request that the API server did not answer means. The query is left out: it holds selectors and tokens of pages. */
export function noAnswer(server: string): HttpOptions['noAnswer'] {
  return ({ path }, kind) => {
    const [code, next] = meanings[kind];
    return { code, doing: `${server}${path.split('?', 1)[0]}`, next };
  };
}

const meanings: Readonly<Record<TroubleKind, readonly [ErrorCode, string]>> = {
  timeout: ['CLUSTER_TIMEOUT', 'try again'],
  'tls-name': ['CLUSTER_TLS', 'correct the server of the kubeconfig, or set its tls-server-name'],
  'tls-issuer': ['CLUSTER_TLS', "set certificate-authority of the kubeconfig to the cluster's CA"],
  'tls-time': ['CLUSTER_TLS', 'tell the cluster administrators'],
  'tls-client': ['CLUSTER_TLS', 'renew the client certificate of the kubeconfig'],
  tls: ['CLUSTER_TLS', 'check the certificates and the key of the kubeconfig'],
  closed: ['CLUSTER_UNREACHABLE', 'try again; if it persists, check the client certificate and the proxy'],
  unreachable: ['CLUSTER_UNREACHABLE', 'check the server of the kubeconfig, the network and the proxy'],
};
