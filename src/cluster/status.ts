import { AppError, type ErrorCode } from '../model/error.ts';
import type { RetryHint } from '../model/retry.ts';
import type { KubeAnswer } from './transport.ts';
import { wordsOf } from './wire.ts';

/** The body of a 200 or 201. @throws AppError `CLUSTER_…` by status, with the server's own words where there are any */
export function succeeded({ status, body, retryAfter }: KubeAnswer, doing: string): string {
  if (status === 200 || status === 201) return body;
  const [code, next] = meaningOf(status);
  const words = wordsOf(body)?.split('\n', 1)[0];
  const error = new AppError(code, `${doing}: ${status}${words === undefined ? '' : `: ${words}`}`, { next });
  const seconds = Number(retryAfter);
  if (retryAfter === undefined || !Number.isFinite(seconds)) throw error;
  throw Object.assign(error, { retryAfter: seconds * 1000 } satisfies RetryHint);
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  if (status === 401) {
    return ['CLUSTER_UNAUTHENTICATED', 'sign in again: the credentials of the context are wrong or have expired'];
  }
  if (status === 403) return ['CLUSTER_FORBIDDEN', 'bind the ClusterRole of docs/drift.md to this identity'];
  if (status === 410) return ['CLUSTER_EXPIRED', 'try again'];
  if (status === 429 || status >= 500)
    return ['CLUSTER_UNAVAILABLE', 'try again; if it persists, ask its administrators'];
  if (status === 400 || status === 422) return ['CLUSTER_REFUSED', 'correct what the server reports'];
  return ['CLUSTER_BAD_RESPONSE', 'check the server of the kubeconfig'];
}
