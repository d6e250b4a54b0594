import type { RoleAccess } from '../../model/grant.ts';
import { compareText } from '../../model/text.ts';

/** By cluster, namespace and role. */
export function comparePlaces(a: RoleAccess, b: RoleAccess): number {
  return compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace) || compareText(a.role, b.role);
}
