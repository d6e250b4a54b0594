import type { DroppedMember, Expiring, SkippedMembers } from '../model/change.ts';
import { compareText, type DropReason, type RoleAccess } from '../model/grant.ts';

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

/** What the config leaves out, counted: it may be most of what Athenz has. */
export function skippedMembers(access: readonly RoleAccess[]): readonly SkippedMembers[] {
  return access.flatMap(({ cluster, namespace, role, outcome }) => {
    const skipped = outcome.kind === 'value' ? outcome.dropped.filter(({ reason }) => reason === 'service') : [];
    const names = new Set(skipped.map(({ member }) => member));
    return [...Map.groupBy(names, domainOfMember)]
      .sort(([a], [b]) => compareText(a, b))
      .map(([domain, { length }]): SkippedMembers => {
        return { cluster, namespace, role, setting: 'members.services', domain, members: length };
      });
  });
}

function domainOfMember(member: string): string {
  return member.slice(0, member.lastIndexOf('.'));
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
