import { auditRef, disabled, memberHead } from './members.ts';
import type { SandboxGroup } from './role-state.ts';
import { groupSettings } from './settings.ts';
import type { DomainEntry } from './store.ts';

/** The groups as signed documents hold them. */
export function signedGroups({ name, domain, modified }: DomainEntry): readonly object[] {
  return Object.entries(domain.groups).map(([short, group]) => {
    const groupName = `${name}:group.${short}`;
    const groupMembers = group.members.map((member) => {
      const { memberName, ...rest } = { ...memberHead(member), ...disabled(member) };
      return { memberName, groupName, ...rest };
    });
    return { ...groupSettings(group), name: groupName, modified, ...(groupMembers.length > 0 ? { groupMembers } : {}) };
  });
}

/** What `GET /domain/D/group/G` answers. */
export function groupDetail({ name, modified }: DomainEntry, short: string, group: SandboxGroup): object {
  const groupMembers = group.members.map((member) => ({
    ...memberHead(member),
    approved: true,
    ...auditRef(member),
    ...disabled(member),
  }));
  const named = { ...groupSettings(group), name: `${name}:group.${short}`, modified };
  return { ...named, ...(groupMembers.length > 0 ? { groupMembers } : {}) };
}
