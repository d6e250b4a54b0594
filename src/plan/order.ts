import type { AccessChange } from '../model/change.ts';
import { compareText, type RoleAccess } from '../model/grant.ts';

const kinds: readonly AccessChange['kind'][] = ['gain', 'lose', 'permission', 'mapping'];

/** By cluster, namespace and role. */
export function comparePlaces(a: RoleAccess, b: RoleAccess): number {
  return compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace) || compareText(a.role, b.role);
}

/** In a namespace those who gain come first, then those who lose. */
export function compareChanges(a: AccessChange, b: AccessChange): number {
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
