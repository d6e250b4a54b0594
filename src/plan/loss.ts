import type { LossReason } from '../model/change.ts';
import { type Dropped, type RoleAccess, type Subject, subjectKey } from '../model/grant.ts';
import { isProvenReason } from '../model/proof.ts';

export interface LossExplanation {
  readonly reason: LossReason;
  readonly detail?: string;
  readonly proven: boolean;
}

/**
 * Explains the losses of one role by what Athenz says now; the index of its dropped members is built once. What it does not
 * explain may have evidence elsewhere.
 */
export function lossExplainer({ outcome }: RoleAccess): (subject: Subject) => LossExplanation {
  if (outcome.kind === 'absent') {
    const reason = outcome.what === 'domain' ? 'domain-absent' : 'role-absent';
    return () => ({ reason, proven: false });
  }
  const dropped = outcome.kind === 'value' ? indexDropped(outcome.dropped) : new Map<string, Dropped>();
  return (subject) => {
    const entry = dropped.get(subjectKey(subject));
    if (entry === undefined) return { reason: 'origin-unknown', proven: false };
    const detail = entry.detail === undefined ? {} : { detail: entry.detail };
    const { reason } = entry;
    if (isProvenReason(reason)) return { reason, ...detail, proven: true };
    return { reason: 'not-a-subject', detail: reason, proven: false };
  };
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
