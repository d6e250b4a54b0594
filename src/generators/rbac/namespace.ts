import type { Differing } from '../../core/decision.ts';
import type { Problem } from '../../model/error.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import type { PlanContext } from './context.ts';
import type { Draft } from './desired.ts';
import {
  decideRole,
  departedRole,
  type Place,
  type RbacFile,
  type RoleDecision,
  rolesIn,
  unchangedRole,
} from './role.ts';

/** The decision for one namespace, before limits apply. */
export interface NamespaceDecision extends Place {
  readonly drafts: readonly Draft[];
  /** The files that hold it now. */
  readonly current: readonly RbacFile[];
  readonly roles: readonly RoleDecision[];
  /** The namespace is orphaned. */
  readonly departed?: true;
}

/** Distinct grants of a namespace, actual or desired. */
export function countGrants({ roles }: Pick<NamespaceDecision, 'roles'>, when: 'before' | 'after'): number {
  return roles.reduce((sum, role) => sum + (role[when]?.subjects.length ?? 0), 0);
}

/** Why roles keep what they have. */
export function keptRoles({
  roles,
}: NamespaceDecision): readonly { readonly role: string; readonly problem: Problem }[] {
  return roles.flatMap(({ role, kept }) => (kept === undefined ? [] : [{ role, problem: kept }]));
}

/** Decides one namespace whose files differ from what is desired, or that is orphaned. */
export function decideNamespace(
  context: PlanContext,
  { unit, desired, current, same }: Differing<readonly RenderedRole[], readonly Draft[]>,
): NamespaceDecision {
  const place = { cluster: unit.cluster, namespace: unit.namespace ?? '' };
  const before = rolesIn(current);
  if (desired === undefined) {
    const reason = context.departure(place.cluster, place.namespace);
    const roles = [...before.values()].map((role) => departedRole(place, role, reason));
    return { ...place, drafts: [], current, roles, departed: true };
  }
  const roles: RoleDecision[] = [];
  for (const draft of desired.state) {
    for (const access of draft.roles) {
      const was = before.get(access.role);
      before.delete(access.role);
      roles.push(same.has(draft.path) ? unchangedRole(context, access, was) : decideRole(context, access, was));
    }
  }
  for (const role of before.values()) roles.push(departedRole(place, role, 'role-unconfigured'));
  return { ...place, drafts: desired.state, current, roles };
}
