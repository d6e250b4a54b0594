import { z } from 'zod';
import { roleName } from '../model/domain.ts';
import { type Answer, noContent, ok, zmsError } from './answer.ts';
import { endOf, unknownMember } from './member-checks.ts';
import { invalid } from './names.ts';
import { claimed, foreign } from './owners.ts';
import { membersOver } from './quota.ts';
import type { Owners, SandboxMember, SandboxRequest, SandboxRole } from './role-state.ts';
import { notAudited } from './role-writes.ts';
import { roleDetail, rolesOf } from './roles.ts';
import { badTags, roleSettings, stated, tagsOver, tagValues } from './settings-body.ts';
import type { SandboxDomain } from './state.ts';
import { unaudited, type Write } from './write.ts';

const body = z.object({
  name: z.string().nullish(),
  roleMembers: z.array(z.object({ memberName: z.string(), expiration: z.string().nullish() })).nullish(),
  /** Older clients send the names alone. */
  members: z.array(z.string()).nullish(),
  trust: z.string().nullish(),
  ...roleSettings,
});

type Body = z.infer<typeof body>;

/** `PUT /domain/D/role/R`: the role is what the body says afterwards, its members and settings too. */
export const putRole: Write<Body> = {
  names: ['DomainName', 'EntityName'],
  body,
  needs: (domain, short) => ['update', roleName(domain ?? '', short ?? '')],
  carryOut: (desk, call, given, name = '', short = '') => {
    const { store, now } = desk;
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    const { domain } = entry;
    const members = membersIn(given);
    const old = rolesOf(entry).get(short);
    const refused =
      badTags('Role', given.tags) ??
      misnamed(given, roleName(name, short), short) ??
      misdelegated(given, name, members.length > 0) ??
      (given.auditEnabled && !domain.auditEnabled ? notAudited : undefined) ??
      members.map((member) => unknownMember(store.get, member.name)).find((answer) => answer !== undefined) ??
      (given.trust && store.get(given.trust.toLowerCase()) === undefined ? nowhere : undefined) ??
      membersOver(domain, members.length) ??
      unaudited(desk, call, 'putrole', name) ??
      foreign(old?.owners, call.owner, `role: ${roleName(name, short)}, `) ??
      tagsOver('role', old?.tags, tagValues(given.tags));
    if (refused !== undefined) return refused;

    const { roleMembers: _, members: __, name: ___, tags, trust, ...settings } = given;
    const next: SandboxRole = {
      ...stated(settings),
      tags: tagValues(tags),
      trust: trust?.toLowerCase(),
      owners: claimed(old?.owners, call.owner, ownedParts(old, members.length > 0)),
      ...placed(members, { ...stated(settings), members: [] }, old, domain, { ...call, now: now() }),
    };
    const written = store.put(name, { ...domain, roles: { ...domain.roles, [short]: next } });
    if (!call.returnObject) return noContent;
    const kept = rolesOf(written).get(short) ?? next;
    const listed = kept.members.map((member) => ({ member, through: 'role' as const }));
    return ok({ ...roleDetail(written, short, kept, listed), ...log(old, kept, call.principal, now()) });
  },
};

const nowhere = zmsError(400, 'Delegated role assigned to non existing domain');

/** A role that is made without members leaves them to others; every later write claims them too. */
function ownedParts(old: SandboxRole | undefined, hasMembers: boolean): readonly (keyof Owners)[] {
  return hasMembers || old?.owners !== undefined ? ['meta', 'members', 'object'] : ['meta', 'object'];
}

/** Who the body names, each once: case does not count. */
function membersIn({ roleMembers, members }: Body): readonly SandboxMember[] {
  const given = roleMembers ?? (members ?? []).map((memberName) => ({ memberName, expiration: undefined }));
  const byName = new Map<string, SandboxMember>();
  for (const { memberName, expiration } of given) {
    const name = memberName.toLowerCase();
    if (!byName.has(name)) byName.set(name, { name, expires: expiration ?? undefined });
  }
  return [...byName.values()];
}

function misnamed({ name }: Body, full: string, short: string): Answer | undefined {
  if (name === undefined || name === null) return invalid('Role', 'Missing required field: name for type Role in data');
  const actual = name.toLowerCase();
  if (actual === full || actual === short) return undefined;
  return zmsError(400, `putRole: Inconsistent role names - expected: ${full}, actual: ${actual}`);
}

function misdelegated({ trust }: Body, home: string, hasMembers: boolean): Answer | undefined {
  if (!trust) return undefined;
  if (hasMembers)
    return zmsError(400, 'validateRoleMembers: Role cannot have both roleMembers and delegated domain set');
  if (trust.toLowerCase() !== home) return undefined;
  return zmsError(400, 'validateRoleMembers: Role cannot be delegated to itself');
}

interface Writing {
  readonly principal: string;
  readonly auditRef: string | undefined;
  readonly now: number;
}

/**
 * Where each member goes: a new one of a role that is reviewed or audited has to wait. ZMS notes who asked for a member
 * only where the write makes the role, not where it changes one.
 */
function placed(
  given: readonly SandboxMember[],
  settings: SandboxRole,
  old: SandboxRole | undefined,
  domain: SandboxDomain,
  { principal, auditRef, now }: Writing,
): Pick<SandboxRole, 'members' | 'pending'> {
  const waits = [settings, old].some((role) => role?.reviewEnabled || role?.auditEnabled);
  const before = new Map(old?.members.map((member) => [member.name, member]));
  const members: SandboxMember[] = [];
  const pending = new Map<string, SandboxRequest>(old?.pending?.map((request) => [request.name, request]));
  for (const { name, expires } of given) {
    const known = before.get(name);
    const end = endOf({ name, expires }, settings, domain, now);
    if (known !== undefined && sameTime(known.expires, end)) members.push(known);
    else if (known === undefined && waits) {
      pending.set(name, { name, expires: end, by: principal, auditRef, requested: new Date(now).toISOString() });
    } else members.push({ name, expires: end, by: old === undefined ? principal : '', auditRef });
  }
  return { members, pending: [...pending.values()] };
}

function sameTime(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Date.parse(a) === Date.parse(b));
}

/** The audit log of this write alone. */
function log(old: SandboxRole | undefined, kept: SandboxRole, admin: string, now: number): object {
  const names = (role: SandboxRole | undefined) => new Set(role?.members.map(({ name }) => name));
  const created = new Date(Math.floor(now / 1000) * 1000).toISOString();
  const line = (action: string) => (member: string) => ({ member, admin, created, action });
  const auditLog = [
    ...[...names(kept).difference(names(old))].map(line('ADD')),
    ...[...names(old).difference(names(kept))].map(line('DELETE')),
  ];
  return auditLog.length > 0 ? { auditLog } : {};
}
