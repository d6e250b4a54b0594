import { hash } from 'node:crypto';
import type { NamesMode, RoleConfig } from '../../config/types.ts';
import { roleName } from '../../model/domain.ts';
import type { RoleRef } from '../../model/manifest.ts';

/** What the objects of one Athenz role in one namespace are called. */
export interface ObjectNames {
  readonly binding: string;
  /** Of a Role that is rendered along when its kind is `Role`. */
  readonly roleRef: RoleRef;
}

/**
 * Names the objects of a role.
 *
 * A roleRef cannot change under one name (kube-apiserver: "cannot change roleRef"; Flux then holds back everything), so a
 * portable binding's name carries a hash of its roleRef: another roleRef makes another object. `operator` gives the names
 * of the in-cluster operators, so that what they wrote is adopted in place.
 *
 * @param domain the namespace's Athenz domain
 */
export function nameObjects(mode: NamesMode, domain: string, role: RoleConfig): ObjectNames {
  if (mode === 'operator') {
    const full = roleName(domain, role.athenzRole);
    return { binding: `${full}:members`, roleRef: { kind: 'Role', name: full } };
  }
  const own = `athenz-${role.athenzRole}`;
  const roleRef: RoleRef =
    'clusterRole' in role ? { kind: 'ClusterRole', name: role.clusterRole } : { kind: 'Role', name: own };
  return { binding: `${own}-${hash('sha256', `${roleRef.kind}/${roleRef.name}`).slice(0, 8)}`, roleRef };
}
