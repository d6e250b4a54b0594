import { roleName } from '../model/domain.ts';
import { matches } from './glob.ts';
import { policiesOf } from './policies.ts';
import type { SandboxMember, SandboxRole } from './role-state.ts';
import { type ListedMember, rolesOf } from './roles.ts';
import type { DomainEntry } from './store.ts';

export type FindDomain = (name: string) => DomainEntry | undefined;

/**
 * The members that ZMS gives for `?expand=true`: of groups, and of the trusted domain's roles. Nobody is left out for
 * being expired or suspended, nor for being in it twice, and groups of a trusted role stay groups.
 */
export function expandRole(find: FindDomain, home: string, short: string, role: SandboxRole): readonly ListedMember[] {
  if (role.trust !== undefined) return delegated(find, home, short, role.trust);
  return role.members.flatMap((member): readonly ListedMember[] => {
    const [domain = '', group] = member.name.split(':group.');
    if (group === undefined) return [{ member, through: 'role' }];
    const inside = new Map(Object.entries(find(domain)?.domain.groups ?? {})).get(group)?.members ?? [];
    return inside.map((inner) => ({ member: { ...inner, expires: earlier(inner, member) }, through: 'group' }));
  });
}

/** ZMS does not look at the effect here: a DENY assertion gives members too. */
function delegated(find: FindDomain, home: string, short: string, trust: string): readonly ListedMember[] {
  const entry = home === trust ? undefined : find(trust);
  const members = new Map<string, SandboxMember>();
  for (const assume of entry === undefined ? [] : [...policiesOf(entry).values()].flat()) {
    if (entry === undefined || assume.action !== 'assume_role') continue;
    if (!matches(assume.resource, roleName(home, short))) continue;
    const pattern = assume.role.includes(':') ? assume.role : roleName(trust, assume.role);
    for (const [name, role] of rolesOf(entry)) {
      if (!matches(pattern, roleName(trust, name))) continue;
      for (const member of role.members) if (!members.has(member.name)) members.set(member.name, member);
    }
  }
  return [...members.values()].map((member) => ({ member, through: 'trust' }));
}

function earlier({ expires: a }: SandboxMember, { expires: b }: SandboxMember): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) <= Date.parse(b) ? a : b;
}
