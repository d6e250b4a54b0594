import type { Change } from '../../core/change.ts';
import type { AccessChange } from '../../model/access.ts';
import { subjectKey } from '../../model/grant.ts';
import { compareText } from '../../model/text.ts';

/** A change of access, as plans and proposals handle it. */
export function toChange<D extends AccessChange>(detail: D): Change<D> {
  return new ChangeOf(detail);
}

/** A first run has one for each grant of a fleet: only the detail is kept, all else follows from it when it is asked for. */
class ChangeOf<D extends AccessChange> implements Change<D> {
  readonly detail: D;

  constructor(detail: D) {
    this.detail = detail;
  }

  get cluster() {
    return this.detail.cluster;
  }

  get namespace() {
    return this.detail.namespace;
  }

  get id() {
    return changeId(this.detail);
  }

  get effect() {
    return effects[this.detail.kind];
  }

  get proven() {
    return 'proven' in this.detail && this.detail.proven;
  }

  get weight() {
    return this.effect === 'modify' ? 0 : 1;
  }
}

const effects = { gain: 'add', lose: 'remove', permission: 'modify', mapping: 'modify' } as const satisfies Record<
  AccessChange['kind'],
  Change['effect']
>;

/** Identifies a change of access among all of a run. */
export function changeId(change: AccessChange): string {
  const { kind, cluster, namespace, role } = change;
  const who = 'subject' in change ? subjectKey(change.subject) : '';
  return `${kind}\0${cluster}\0${namespace}\0${role}\0${who}`;
}

/** The part of a change that goes into the digest of a proposal: as it has been since 0.1, so that what is open stays up to date. */
export function digestOf({ detail: change }: Change<AccessChange>): string {
  const who = 'subject' in change ? `${change.subject.kind} ${change.subject.name}` : '';
  return `${change.kind}\0${change.cluster}\0${change.namespace}\0${change.role}\0${JSON.stringify(who)}`;
}

/** What an approval covers: of gains, what is gained and for how long matters too. */
export function approvalOf({ detail: change }: Change<AccessChange>): readonly unknown[] {
  const { kind, cluster, namespace, role } = change;
  const who = 'subject' in change ? subjectKey(change.subject) : '';
  const what = change.kind === 'gain' ? [change.permission, change.expires ?? ''] : [];
  return [kind, cluster, namespace, role, who, ...what];
}

const kinds: readonly AccessChange['kind'][] = ['gain', 'lose', 'permission', 'mapping'];

/** In a namespace those who gain come first, then those who lose. */
export function compareChanges({ detail: a }: Change<AccessChange>, { detail: b }: Change<AccessChange>): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace, b.namespace) ||
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    compareText(a.role, b.role) ||
    compareText(subjectText(a), subjectText(b))
  );
}

function subjectText(change: AccessChange): string {
  return 'subject' in change ? change.subject.name : '';
}
