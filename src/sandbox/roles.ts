import { roleName } from '../model/domain.ts';
import { administrator, auditRef, disabled, expiration, memberHead, requester, signedMember } from './members.ts';
import type { SandboxMember, SandboxRole } from './role-state.ts';
import { writtenSettings } from './settings.ts';
import type { DomainEntry } from './store.ts';

/** A member as a role's answer lists it, and through what it is in: ZMS says something else of each. */
export interface ListedMember {
  readonly member: SandboxMember;
  readonly through: 'role' | 'group' | 'trust';
}

/** The domain's roles, with the `admin` role that ZMS gives every domain when it is created. */
export function rolesOf({ domain }: DomainEntry): ReadonlyMap<string, SandboxRole> {
  const roles = new Map(Object.entries(domain.roles));
  return roles.has('admin') ? roles : roles.set('admin', { members: [{ name: administrator }] });
}

/** What `GET /domain/D/role/R` answers for these members. */
export function roleDetail(
  entry: DomainEntry,
  short: string,
  role: SandboxRole,
  listed: readonly ListedMember[],
  pending: readonly object[] = [],
): object {
  return roleBody(entry, short, role, [
    ...listed.map(({ member, through }) => {
      if (through === 'trust') return signedMember(entry.name, member);
      return {
        ...memberHead(member),
        approved: true,
        ...auditRef(member),
        ...(through === 'role' ? requester(entry.name, member) : {}),
        ...disabled(member),
      };
    }),
    ...pending,
  ]);
}

type NamedRoles = readonly (readonly [short: string, role: SandboxRole])[];

/** The roles as a list without members gives them, which leaves out whose they are too. */
export function roleHeads(entry: DomainEntry, roles: NamedRoles): readonly object[] {
  return roles.map(([short, role]) => roleBody(entry, short, { ...role, owners: undefined }, []));
}

/** The roles as signed documents hold them. */
export function signedRoles(entry: DomainEntry, roles: NamedRoles = [...rolesOf(entry)]): readonly object[] {
  return roles.map(([short, role]) =>
    roleBody(
      entry,
      short,
      role,
      role.members.map((member) => signedMember(entry.name, member)),
    ),
  );
}

/** What `GET /domain/D/role/R/member/M` answers, which alone says of an expired member that it is none. */
export function membership(entry: DomainEntry, short: string, role: SandboxRole, name: string, now: number): object {
  const member = role.members.find((it) => it.name === name);
  const head = { memberName: name, isMember: false, roleName: roleName(entry.name, short) };
  if (member === undefined) return head;
  return {
    ...head,
    isMember: member.expires === undefined || Date.parse(member.expires) > now,
    ...expiration(member),
    approved: true,
    ...requester(entry.name, member),
    ...disabled(member),
  };
}

function roleBody(
  { name, modified }: DomainEntry,
  short: string,
  role: SandboxRole,
  members: readonly object[],
): object {
  const roleMembers = members.length > 0 ? { roleMembers: members } : {};
  const trust = role.trust === undefined ? {} : { trust: role.trust };
  return { ...writtenSettings(role), name: roleName(name, short), modified, ...roleMembers, ...trust };
}
