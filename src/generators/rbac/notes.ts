import type { Notes } from '../../core/change.ts';
import type { DroppedMember, EmptiedRole, Expiring, SkippedMembers } from '../../model/access.ts';
import type { DropReason, RoleAccess } from '../../model/grant.ts';
import { compareText } from '../../model/text.ts';

/** What is said of roles besides their changes. */
export type RbacNotes = {
  /** Members that can never be subjects. */
  readonly dropped: readonly DroppedMember[];
  readonly skippedMembers: readonly SkippedMembers[];
  readonly expiring: readonly Expiring[];
  /** Roles that are left without anyone. */
  readonly emptied: readonly EmptiedRole[];
};

/** Grants that end within this time are worth a warning; milliseconds. */
export const soon = 30 * 24 * 3_600_000;

/** Members nobody can be bound as: a mistake in Athenz, or a wish RBAC cannot fulfil. */
const strange: ReadonlySet<DropReason> = new Set([
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
]);

/** The notes of a plan or a scope that were made here. */
export function rbacNotes(notes: Notes): RbacNotes {
  const { dropped = [], skippedMembers = [], expiring = [], emptied = [] } = notes as Partial<RbacNotes>;
  return { dropped, skippedMembers, expiring, emptied };
}

/** What is worth a remark in what roles give. @param at milliseconds since the epoch */
export function notesOn(roles: readonly RoleAccess[], at: number): Omit<RbacNotes, 'emptied'> {
  return { dropped: droppedMembers(roles), skippedMembers: skippedMembers(roles), expiring: expiringGrants(roles, at) };
}

function droppedMembers(access: readonly RoleAccess[]): readonly DroppedMember[] {
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.dropped
          .filter((dropped) => strange.has(dropped.reason))
          .map((dropped) => ({ cluster, namespace, role, dropped }))
      : [],
  );
}

/** What the config leaves out, counted: it may be most of what Athenz has. */
function skippedMembers(access: readonly RoleAccess[]): readonly SkippedMembers[] {
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

function expiringGrants(access: readonly RoleAccess[], at: number): readonly Expiring[] {
  const limit = new Date(at + soon).toISOString();
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.grants
          .filter((grant) => grant.expires !== undefined && grant.expires <= limit)
          .map((grant) => ({ cluster, namespace, role, grant }))
      : [],
  );
}
