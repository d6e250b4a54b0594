import type { Change } from '../../core/change.ts';
import type { AccessChange } from '../../model/access.ts';
import { subjectKey } from '../../model/grant.ts';
import { unreachable } from '../../model/outcome.ts';
import { compareText } from '../../model/text.ts';

/** A change of access, as plans and proposals handle it. */
export function toChange<D extends AccessChange>(detail: D): Change<D> {
  const { cluster, namespace } = detail;
  return { cluster, namespace, id: changeId(detail), detail, ...effectOf(detail) };
}

function effectOf(change: AccessChange): Pick<Change, 'effect' | 'proven' | 'weight'> {
  switch (change.kind) {
    case 'gain':
      return { effect: 'add', proven: false, weight: 1 };
    case 'lose':
      return { effect: 'remove', proven: change.proven, weight: 1 };
    case 'permission':
    case 'mapping':
      return { effect: 'modify', proven: false, weight: 0 };
    default:
      return unreachable(change);
  }
}

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
