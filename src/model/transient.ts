import type { ErrorCode } from './error.ts';

/*
 * Which failures pass by themselves. Whoever tries again, gives up or says what to do about one asks here.
 */

/** What was wrong a moment ago may be right now. A refusal, a quota, a certificate or a signature stays as it is. */
const transient: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ZMS_UNREACHABLE',
  'ZMS_TIMEOUT',
  'ZMS_UNAVAILABLE',
  'ZMS_BAD_RESPONSE',
  'ZMS_STALE',
  'CLUSTER_UNREACHABLE',
  'CLUSTER_TIMEOUT',
  'CLUSTER_UNAVAILABLE',
  'CLUSTER_BAD_RESPONSE',
]);

/** ZMS is down, or no longer accepts us: other requests fail as well. */
const outage: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ZMS_UNREACHABLE',
  'ZMS_TIMEOUT',
  'ZMS_UNAVAILABLE',
  'ZMS_TLS',
  'ZMS_UNAUTHENTICATED',
]);

/** So many outages in a row, and a run asks for nothing more. */
export const patience = 32;

export function isTransient(code: ErrorCode): boolean {
  return transient.has(code);
}

export function isOutage(code: ErrorCode): boolean {
  return outage.has(code);
}
