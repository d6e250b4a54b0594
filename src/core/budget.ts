import type { ErrorCode } from '../model/error.ts';
import type { Share } from '../model/share.ts';
import { pluralOf } from '../model/text.ts';
import type { Change, Held } from './change.ts';
import type { ClusterDecisions } from './clusters.ts';

/** How much of a cluster may be added or removed without a look. */
export interface Budget {
  readonly code: ErrorCode;
  /** The key below `limits`, as in `maxRemovedGrants`. */
  readonly setting: string;
  /** What is counted, such as `grant`. */
  readonly noun: string;
  /** `null`: no limit. */
  readonly share: Share | null;
}

/** What the limits of a generator are. */
export interface Limits<D> {
  readonly removed: Budget;
  readonly added: Budget;
  /** What a person approves of a change: the same means the same approval; default: its effect and id. */
  approvalOf?(change: Change<D>): readonly unknown[];
}

/** The limits of a generator that has none of its own names: a share of what may be removed. */
export function plainLimits(noun: string, share: Share): Limits<unknown> {
  return {
    removed: { code: 'LIMIT_REMOVED', setting: 'removed', noun, share },
    added: { code: 'LIMIT_ADDED', setting: 'added', noun, share: null },
  };
}

/** What a cluster may change without a look, of the weight that it has. */
function allowedBy(share: Share | null, weight: number): number {
  if (share === null) return Number.POSITIVE_INFINITY;
  return Math.max(share.floor, Math.floor((weight * share.percent) / 100));
}

/** What changes weigh together. */
export function weightOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { weight }) => sum + weight, 0);
}

/**
 * What exceeds a budget, or undefined: the same for each unit of the cluster, as the cause is one.
 *
 * @param amount the weight of all that is counted
 */
export function excess(
  { code, setting, noun, share }: Budget,
  what: 'addition' | 'removal',
  { cluster, weightBefore }: Pick<ClusterDecisions, 'cluster' | 'weightBefore'>,
  amount: number,
): Pick<Held, 'code' | 'message' | 'next'> | undefined {
  const allowed = allowedBy(share, weightBefore);
  if (amount <= allowed) return undefined;
  const many = amount === 1 ? `1 ${what} in ${cluster} exceeds` : `${amount} ${what}s in ${cluster} exceed`;
  const message = `${many} limits.${setting} (${allowed} of ${weightBefore} ${pluralOf(noun)})`;
  return { code, message, next: `review the ${what}s, then approve them` };
}
