import type { GrantLimit } from '../config/types.ts';

/** How many grants of a cluster that has this many may change without a look. */
export function allowedBy(limit: GrantLimit | null, grants: number): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  return Math.max(limit.floor, Math.floor((grants * limit.percent) / 100));
}
