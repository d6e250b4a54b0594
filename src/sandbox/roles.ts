import { roleName } from '../model/domain.ts';
import { type Principal, parsePrincipal } from '../model/principal.ts';
import { writtenSettings } from './settings.ts';
import type { SandboxMember, SandboxRole } from './state.ts';
import { type DomainEntry, systemDomains } from './store.ts';

/** A member as a role's answer lists it, and through what it is in: ZMS says something else of each. */
export interface ListedMember {
  readonly member: SandboxMember;
  readonly through: 'role' | 'group' | 'trust';
}

/** Who made every domain: its first administrator, as in a new ZMS. */
const administrator = 'user.athenz_admin';
/** ZMS' bit for a principal that its own monitor disabled. */
const suspendedBit = 4;

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

/** Members that wait for approval, which only `pending=true` shows. */
export function pendingMembers({ pending = [] }: SandboxRole): readonly object[] {
  return pending.map((request) => ({
    ...memberHead(request),
    active: false,
    approved: false,
    ...auditRef(request),
    requestTime: request.requested,
    pendingState: 'ADD',
  }));
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

/** Nobody can be suspended without saying why. */
function auditRef({ auditRef, suspended }: SandboxMember): object {
  if (auditRef === undefined) return suspended ? { auditRef: 'sandbox' } : {};
  return { auditRef };
}

function signedMember(domain: string, member: SandboxMember): object {
  return {
    ...memberHead(member),
    ...requester(domain, member),
    ...disabled(member),
    principalType: principalType(member.name),
  };
}

function memberHead(member: SandboxMember): { readonly memberName: string; readonly expiration?: string } {
  return { memberName: member.name, ...expiration(member) };
}

/** ZMS itself fills the domains that it makes. */
function requester(domain: string, { suspended, by }: SandboxMember): object {
  if (suspended) return { requestPrincipal: 'sys.auth.monitor' };
  if (by !== undefined) return by === '' ? {} : { requestPrincipal: by };
  return { requestPrincipal: systemDomains.has(domain) ? 'sys.auth.zms' : administrator };
}

function disabled({ suspended }: SandboxMember): object {
  return suspended ? { systemDisabled: suspendedBit } : {};
}

/** With milliseconds and in UTC, as ZMS writes it; what is no time at all is served as it is. */
function expiration({ expires }: SandboxMember): { readonly expiration?: string } {
  if (expires === undefined) return {};
  const time = Date.parse(expires);
  return { expiration: Number.isNaN(time) ? expires : new Date(time).toISOString() };
}

/** ZMS' numbers: 1 user, 2 service, 3 group, 5 external, 6 everybody. */
function principalType(member: string): number {
  if (member === '*') return 6;
  const types: Partial<Record<Principal['kind'], number>> = { user: 1, group: 3, external: 5 };
  return types[parsePrincipal(member.replaceAll('*', 'x'), 'user').kind] ?? 2;
}
