import { z } from 'zod';
import { roleName } from '../model/domain.ts';
import { type Answer, containerError, noContent, ok, zmsError } from './answer.ts';
import type { Call } from './call.ts';
import { endOf, unknownMember } from './member-checks.ts';
import { claimed, foreignPart } from './owners.ts';
import { membersOver } from './quota.ts';
import type { SandboxRequest, SandboxRole } from './role-state.ts';
import { rolesOf } from './roles.ts';
import type { DomainEntry } from './store.ts';
import { type Desk, mayDo, unaudited, type Write } from './write.ts';

const member = z.object({ memberName: z.string(), expiration: z.string().nullish() });

/** `PUT /domain/D/role/R/member/M`: 204 does not say that the member is in; it may have to wait. */
export const putMember: Write<z.infer<typeof member>> = {
  names: ['DomainName', 'EntityName', 'MemberName'],
  body: member,
  carryOut: (desk, call, { expiration }, domain = '', short = '', name = '') => {
    const place = placeOf(desk, call, domain, short);
    if ('status' in place) return place;
    const { entry, role } = place;
    const { principal, auditRef, owner } = call;
    const full = roleName(domain, short);
    const admin = mayDo(desk, call, 'update', full);
    if (!admin && !(role.selfServe && principal === name))
      return zmsError(403, 'putMembership: principal is not authorized to add members');
    const others = role.members.filter((it) => it.name !== name);
    const refused =
      unknownMember(desk.store.get, name) ??
      membersOver(entry.domain, others.length + 1) ??
      unaudited(desk, call, 'putmembership', domain) ??
      foreignPart(role.owners, 'members', owner, { kind: 'role', name: full });
    if (refused !== undefined) return refused;
    const now = desk.now();
    const expires = endOf({ name, expires: expiration ?? undefined }, role, entry.domain, now);
    const owners = claimed(role.owners, owner, ['members']);
    const waits = !admin || role.reviewEnabled || role.auditEnabled;
    const given = { name, expires, by: principal, auditRef };
    if (waits) {
      const request: SandboxRequest = { ...given, requested: new Date(now).toISOString() };
      const before = (role.pending ?? []).filter((it) => it.name !== name);
      write(desk, entry, short, { ...role, owners, pending: [...before, request] });
    } else write(desk, entry, short, { ...role, owners, members: [...others, given] });
    if (!call.returnObject) return noContent;
    const membership = { memberName: name, isMember: true, roleName: full, approved: !waits };
    return ok({ ...membership, requestPrincipal: principal, ...(waits ? { pendingState: 'ADD' } : {}) });
  },
};

/** `DELETE /domain/D/role/R/member/M` */
export const deleteMember: Write<undefined> = {
  names: ['DomainName', 'EntityName', 'MemberName'],
  carryOut: (desk, call, _, domain = '', short = '', name = '') => {
    const place = placeOf(desk, call, domain, short);
    if ('status' in place) return place;
    const { entry, role } = place;
    const full = roleName(domain, short);
    if (!mayDo(desk, call, 'update', full) && call.principal !== name) return zmsError(403, 'Forbidden');
    const members = role.members.filter((it) => it.name !== name);
    const refused =
      unaudited(desk, call, 'deletemembership', domain) ??
      foreignPart(role.owners, 'members', call.owner, { kind: 'role', name: full });
    if (refused !== undefined) return refused;
    if (members.length === role.members.length) return zmsError(404, `unknown principal - ${name}`);
    write(desk, entry, short, { ...role, members });
    return noContent;
  },
};

const decision = z.object({ memberName: z.string(), approved: z.boolean() });

/** `PUT /domain/D/role/R/member/M/decision`: lets a member that waits in, or not. */
export const putDecision: Write<z.infer<typeof decision>> = {
  names: ['DomainName', 'EntityName', 'MemberName'],
  body: decision,
  carryOut: (desk, call, { approved }, domain = '', short = '', name = '') => {
    const place = placeOf(desk, call, domain, short);
    if ('status' in place) return place;
    const { entry, role } = place;
    if (!mayDo(desk, call, 'update', roleName(domain, short))) return zmsError(403, 'Forbidden');
    const request = role.pending?.find((it) => it.name === name);
    if (request === undefined) return zmsError(404, `unknown principal - ${name}`);
    if (request.by === call.principal)
      return zmsError(403, `principal ${call.principal} cannot approve / reject own request`);
    const { requested: _, ...asked } = request;
    const pending = role.pending?.filter((it) => it.name !== name);
    write(desk, entry, short, { ...role, pending, members: approved ? [...role.members, asked] : role.members });
    return noContent;
  },
};

interface Place {
  readonly entry: DomainEntry;
  readonly role: SandboxRole;
}

function placeOf({ store }: Desk, call: Call, domain: string, short: string): Place | Answer {
  const entry = store.get(domain);
  if (entry === undefined) return containerError(404, call);
  if (!entry.domain.enabled) return containerError(403, call);
  const role = rolesOf(entry).get(short);
  return role === undefined ? zmsError(400, 'Invalid role name specified') : { entry, role };
}

function write({ store }: Desk, { name, domain }: DomainEntry, short: string, role: SandboxRole): void {
  store.put(name, { ...domain, roles: { ...domain.roles, [short]: role } });
}
