import type { LossReason } from '../model/change.ts';
import { type Dropped, type DropReason, type RoleAccess, type Subject, subjectKey } from '../model/grant.ts';

export interface LossExplanation {
  readonly reason: LossReason;
  readonly detail?: string;
  readonly proven: boolean;
}

/** Losses for which Athenz shows the end itself: no limit holds them back. */
const provenReasons: readonly DropReason[] = ['expired', 'suspended', 'domain-disabled'];

/** Explains the losses of one role; the index of its dropped members is built once. */
export function lossExplainer({ outcome }: RoleAccess): (subject: Subject) => LossExplanation {
  if (outcome.kind === 'absent') {
    const reason = outcome.what === 'domain' ? 'domain-absent' : 'role-absent';
    return () => ({ reason, proven: false });
  }
  const dropped = outcome.kind === 'value' ? indexDropped(outcome.dropped) : new Map<string, Dropped>();
  return (subject) => {
    const entry = dropped.get(subjectKey(subject));
    if (entry === undefined) return { reason: 'not-a-member', proven: false };
    const detail = entry.detail === undefined ? {} : { detail: entry.detail };
    const { reason } = entry;
    if (reason === 'expired' || reason === 'suspended' || reason === 'domain-disabled') {
      return { reason, ...detail, proven: true };
    }
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
  return `${provenReasons.includes(reason) ? 1 : 0}${reason === 'expired' ? detail : ''}`;
}
