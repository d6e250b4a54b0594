import type { DroppedMember, Expiring } from '../model/change.ts';
import type { DropReason, RoleAccess } from '../model/grant.ts';

/** Grants that end within this time are worth a warning. */
const soon = 30 * 24 * 3_600_000;

/** Members nobody can be bound as: a mistake in Athenz, or a wish RBAC cannot fulfil. */
const strange: readonly DropReason[] = [
  'wildcard',
  'external',
  'service-unmapped',
  'unencodable',
  'not-a-principal',
  'bad-expiration',
  'nested-group',
  'group-missing',
  'trust-missing',
  'trust-not-asserted',
];

/** The members that can never be subjects. */
export function droppedMembers(access: readonly RoleAccess[]): readonly DroppedMember[] {
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.dropped
          .filter((dropped) => strange.includes(dropped.reason))
          .map((dropped) => ({ cluster, namespace, role, dropped }))
      : [],
  );
}

/** The grants that end soon after this instant. */
export function expiringGrants(access: readonly RoleAccess[], at: Date): readonly Expiring[] {
  const limit = new Date(at.getTime() + soon).toISOString();
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.grants
          .filter((grant) => grant.expires !== undefined && grant.expires <= limit)
          .map((grant) => ({ cluster, namespace, role, grant }))
      : [],
  );
}
