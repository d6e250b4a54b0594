import { isProvenReason, type Loss, type LossReason } from '../../model/access.ts';
import { type Dropped, type RoleAccess, type Subject, subjectKey } from '../../model/grant.ts';
import { formerPrefix } from './renamed.ts';

export interface LossExplanation {
  readonly reason: LossReason;
  readonly detail?: string;
  readonly group?: NonNullable<Loss['group']>;
  readonly proven: boolean;
}

/**
 * Explains the losses of one role by what Athenz says now; the index of its dropped members is built once. What it does not
 * explain may have evidence elsewhere.
 */
export function lossExplainer(
  { outcome }: RoleAccess,
  before: readonly Subject[],
): (subject: Subject) => LossExplanation {
  if (outcome.kind === 'absent') {
    const reason = outcome.what === 'domain' ? 'domain-absent' : 'role-absent';
    return () => ({ reason, proven: false });
  }
  if (outcome.kind === 'unknown') return () => ({ reason: 'origin-unknown', proven: false });
  const dropped = indexDropped(outcome.dropped);
  const prefixOf = formerPrefix(outcome.grants, before);
  const group = lostGroup(outcome.dropped);
  return (subject) => {
    const entry = dropped.get(subjectKey(subject));
    if (entry === undefined) {
      const prefix = prefixOf(subject);
      if (prefix !== undefined) return { reason: 'renamed', detail: prefix, proven: false };
      return { reason: 'origin-unknown', ...(group === undefined ? {} : { group }), proven: false };
    }
    const detail = entry.detail === undefined ? {} : { detail: entry.detail };
    const { reason } = entry;
    if (isProvenReason(reason)) return { reason, ...detail, proven: true };
    return { reason: 'not-a-subject', detail: reason, proven: false };
  };
}

/** The one group of the role that gives nobody. */
function lostGroup(list: readonly Dropped[]): Loss['group'] {
  const lost = new Map(
    list.flatMap(({ member: name, reason }) =>
      reason === 'group-empty' || reason === 'group-missing' ? [[name, { name, reason }] as const] : [],
    ),
  );
  return lost.size === 1 ? [...lost.values()][0] : undefined;
}

/** One entry per subject: a proven one where there is one, of those the one that ended last. */
function indexDropped(list: readonly Dropped[]): ReadonlyMap<string, Dropped> {
  const index = new Map<string, Dropped>();
  for (const entry of list) {
    if (entry.subject === undefined) continue;
    const key = subjectKey(entry.subject);
    const known = index.get(key);
    if (known === undefined || rank(entry) > rank(known)) index.set(key, entry);
  }
  return index;
}

function rank({ reason, detail = '' }: Dropped): string {
  return `${isProvenReason(reason) ? 1 : 0}${reason === 'expired' ? detail : ''}`;
}
