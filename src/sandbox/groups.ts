import { auditRef, disabled, memberHead } from './members.ts';
import type { SandboxMember } from './role-state.ts';
import type { DomainEntry } from './store.ts';

/** The groups as signed documents hold them. */
export function signedGroups({ name, domain, modified }: DomainEntry): readonly object[] {
  return Object.entries(domain.groups).map(([short, members]) => {
    const groupName = `${name}:group.${short}`;
    const groupMembers = members.map((member) => {
      const { memberName, ...rest } = { ...memberHead(member), ...disabled(member) };
      return { memberName, groupName, ...rest };
    });
    return { name: groupName, modified, ...(groupMembers.length > 0 ? { groupMembers } : {}) };
  });
}

/** What `GET /domain/D/group/G` answers. */
export function groupDetail({ name, modified }: DomainEntry, short: string, members: readonly SandboxMember[]): object {
  const groupMembers = members.map((member) => ({
    ...memberHead(member),
    approved: true,
    ...auditRef(member),
    ...disabled(member),
  }));
  return { name: `${name}:group.${short}`, modified, ...(groupMembers.length > 0 ? { groupMembers } : {}) };
}
