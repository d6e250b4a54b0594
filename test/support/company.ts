import type { MembersConfig } from '../../src/config/types.ts';
import type { AssumeRole, DomainDocument, Member } from '../../src/model/domain.ts';
import type { Dropped, Grant, RoleAccess, RoleOutcome } from '../../src/model/grant.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import { resolveClusters } from './resolve.ts';

type MemberLike = string | Member;

/** A domain, as short as it can be written down. */
export interface Domain {
  readonly enabled?: boolean;
  readonly roles?: Readonly<
    Record<string, readonly MemberLike[] | { readonly trust: string; readonly members?: readonly MemberLike[] }>
  >;
  readonly groups?: Readonly<Record<string, readonly MemberLike[]>>;
  /** Full name of a role of this domain, and the glob of the roles it may assume. */
  readonly assumes?: readonly (readonly [role: string, resource: string])[];
}

/** How a domain's read ended; `absent` is confirmed, `unlisted` is absent on the list's word alone. */
type Read = Domain | 'absent' | 'unlisted' | 'unknown';

/** Domains by name, and one cluster that looks at them. */
export interface Company {
  readonly domains: Readonly<Record<string, Read>>;
  readonly namespaces?: readonly string[];
  readonly members?: Partial<MembersConfig>;
}

/** Who is in `admins` and `viewers` of `eks.<namespace>`, for each namespace. */
export function resolveCompany({ domains, namespaces = ['a'], members }: Company): readonly RoleAccess[] {
  const reads = Object.entries(domains).map(([name, read]) => [name, readOf(name, read)] as const);
  const prod = { domain: 'eks.{namespace}', namespaces, roles: ['admins', 'viewers'] };
  return resolveClusters({ prod }, new Map(reads), members === undefined ? {} : { members });
}

/** What `admins` of namespace `a` came to. */
export function adminsOf(company: Company): RoleOutcome {
  const found = resolveCompany(company).find(({ namespace, role }) => namespace === 'a' && role === 'admins');
  if (found === undefined) throw new TypeError('the company has no namespace a');
  return found.outcome;
}

/** Who `admins` of namespace `a` gives access; fails where that is absent or unknown. */
export function grantsOf(company: Company): readonly Grant[] {
  return knownAdminsOf(company).grants;
}

/** Names of the subjects of `grantsOf`. */
export function namesOf(company: Company): readonly string[] {
  return grantsOf(company).map((grant) => grant.subject.name);
}

/** What `admins` of namespace `a` holds that grants nothing. */
export function droppedOf(company: Company): readonly Dropped[] {
  return knownAdminsOf(company).dropped;
}

export function knownAdminsOf(company: Company): Extract<RoleOutcome, { kind: 'value' }> {
  const outcome = adminsOf(company);
  if (outcome.kind !== 'value') throw new TypeError(`the role is ${outcome.kind}`);
  return outcome;
}

function readOf(name: string, read: Read): DomainRead {
  if (read === 'absent') return { kind: 'absent', confirmed: true };
  if (read === 'unlisted') return { kind: 'absent', confirmed: false };
  if (read === 'unknown')
    return { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: `no answer for ${name}` } };
  return { kind: 'value', value: documentOf(name, read) };
}

export function documentOf(name: string, { enabled = true, roles = {}, groups = {}, assumes = [] }: Domain) {
  const document: DomainDocument = {
    name,
    modified: '2026-01-01T00:00:00.000Z',
    enabled,
    roles: Object.entries(roles).map(([role, held]) => {
      const { members = [], ...trust } = 'trust' in held ? held : { members: held };
      return { name: role, members: members.map(memberOf), ...trust };
    }),
    groups: Object.entries(groups).map(([group, held]) => ({ name: group, members: held.map(memberOf) })),
    assumes: assumes.map(([role, resource]): AssumeRole => ({ role, resource })),
  };
  return document;
}

function memberOf(member: MemberLike): Member {
  return typeof member === 'string' ? { name: member } : member;
}
