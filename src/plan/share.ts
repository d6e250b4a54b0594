import type { GrantLimit } from '../config/types.ts';

/** How many grants of a cluster that has this many may change without a look. */
export function allowedBy(limit: GrantLimit | null, grants: number): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  return Math.max(limit.floor, Math.floor((grants * limit.percent) / 100));
}

/** Says that too much changes: the same for each namespace of the cluster, as the cause is one. */
export function excess(amount: number, what: 'removal' | 'addition', cluster: string, limit: string): string {
  return `${amount === 1 ? `1 ${what}` : `${amount} ${what}s`} in ${cluster} ${amount === 1 ? 'exceeds' : 'exceed'} limits.${limit}`;
}
