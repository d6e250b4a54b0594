import { type DomainRole, type Member, roleName } from '../../model/domain.ts';
import type { Problem } from '../../model/error.ts';
import { type DropReason, type Grant, type Path, type Subject, subjectKey } from '../../model/grant.ts';
import type { Principal } from '../../model/principal.ts';
import type { IndexedDomain, Lookup } from './lookup.ts';
import { type createMembers, directPath, type KnownMember } from './subject.ts';

/** What does not change while roles are resolved. */
export interface Rules {
  readonly lookup: Lookup;
  readonly memberOf: ReturnType<typeof createMembers>;
  /** The namespace that a service's domain may be of, and why that is not known; undefined where it is. */
  readonly unlisted: (domain: string) => { readonly namespace: string; readonly problem: Problem } | undefined;
  /** The instant access is resolved for; milliseconds since the epoch. */
  readonly at: number;
}

/** One way of one member into a role, effective unless it has a reason not to be. */
export interface Way {
  readonly member: string;
  readonly path: Path;
  readonly subject?: Subject;
  /** Of the subject, as `subjectKey` gives it. */
  readonly key?: string;
  /** What comes of it where it is the only one of its subject. */
  readonly grant?: Grant;
  readonly dropped?: DropReason;
  readonly detail?: string;
}

/** What a walk came across. */
export interface MemberWalk {
  readonly ways: Way[];
  /** Domains taken for absent on the list's word alone. */
  readonly unconfirmed: Set<string>;
  /** Subjects that services would be if their namespaces were known, by key, with why they are not. */
  readonly unlisted: Map<string, Problem>;
  /** What could not be read although access may depend on it; of several the first by name. */
  unknown?: { readonly problem: Problem; readonly domain: string };
}

/** Why the ways below a point grant nothing, whatever the memberships say. */
interface Ended {
  readonly reason: DropReason;
  readonly detail?: string;
}

/**
 * Follows a role to every member, as ZTS does when it issues tokens (DataStore, DataCache): groups are expanded, a
 * delegated role is filled by the trusted domain's roles that may assume it, one level deep.
 */
export function walkRole(rules: Rules, domain: IndexedDomain, role: DomainRole): MemberWalk {
  const walk: MemberWalk = { ways: [], unconfirmed: new Set(), unlisted: new Map() };
  const ended: Ended | undefined = domain.enabled ? undefined : { reason: 'domain-disabled', detail: domain.name };
  if (role.trust === undefined) walkMembers(rules, walk, role.members, directPath, ended);
  else walkTrust(rules, walk, roleName(domain.name, role.name), role.trust, ended);
  return walk;
}

function walkTrust(rules: Rules, walk: MemberWalk, resource: string, trust: string, outer: Ended | undefined): void {
  const drop = (dropped: DropReason) => walk.ways.push({ member: trust, path: {}, dropped, detail: resource });
  const trusted = see(rules, walk, trust, outer);
  if (trusted === undefined) return;
  if (trusted === 'absent') return void drop('trust-missing');
  const ended = outer ?? (trusted.enabled ? undefined : ({ reason: 'domain-disabled', detail: trust } as const));
  const roles = trusted.assumable(resource).flatMap((name) => trusted.roles.get(name) ?? []);
  // A role that is itself delegated has no members of its own, and is not followed further.
  if (roles.length === 0) return void drop('trust-not-asserted');
  for (const role of roles) {
    if (role.trust === undefined) walkMembers(rules, walk, role.members, { trust: roleName(trust, role.name) }, ended);
  }
}

function walkMembers(
  rules: Rules,
  walk: MemberWalk,
  members: readonly Member[],
  path: Path,
  outer: Ended | undefined,
): void {
  for (const member of members) {
    const known = rules.memberOf(member.name);
    const ended = outer ?? membershipEnd(member, rules.at);
    const longer = withExpiry(path, member);
    if (known.kind === 'group') walkGroup(rules, walk, known.group, longer, ended);
    else if (known.kind === 'subject' && longer === directPath && ended === undefined) walk.ways.push(known.direct);
    else walk.ways.push(wayOf(rules, walk, member.name, known, longer, ended));
  }
}

function walkGroup(
  rules: Rules,
  walk: MemberWalk,
  group: Extract<Principal, { kind: 'group' }>,
  path: Path,
  outer: Ended | undefined,
): void {
  const longer: Path = { ...path, group: group.name };
  const drop = (dropped: DropReason) => walk.ways.push({ member: group.name, path: longer, dropped });
  const domain = see(rules, walk, group.domain, outer);
  if (domain === undefined) return;
  const found = domain === 'absent' ? undefined : domain.groups.get(group.group);
  if (domain === 'absent' || found === undefined) return void drop('group-missing');
  const disabled = domain.enabled ? undefined : ({ reason: 'domain-disabled', detail: domain.name } as const);
  for (const member of found.members) {
    const known = rules.memberOf(member.name);
    const ended = outer ?? disabled ?? membershipEnd(member, rules.at);
    if (known.kind === 'group') {
      walk.ways.push({ member: member.name, path: longer, dropped: 'nested-group' });
    } else {
      walk.ways.push(wayOf(rules, walk, member.name, known, withExpiry(longer, member), ended));
    }
  }
  if (found.members.length > 0) return;
  if (outer === undefined) drop('group-empty');
  else walk.ways.push({ member: group.name, path: longer, dropped: outer.reason, ...detailOf(outer) });
}

/**
 * Looks at a domain that the way leads through. Nobody's access hangs on it when the way has ended already: then a
 * domain that is unread, or absent on the list's word alone, stays without consequence.
 */
function see(
  rules: Rules,
  walk: MemberWalk,
  name: string,
  ended: Ended | undefined,
): IndexedDomain | 'absent' | undefined {
  const outcome = rules.lookup(name);
  switch (outcome.kind) {
    case 'value':
      return outcome.value;
    case 'absent':
      if (ended === undefined && outcome.unconfirmed !== undefined) walk.unconfirmed.add(outcome.unconfirmed);
      return 'absent';
    case 'unknown':
      if (ended === undefined && (walk.unknown === undefined || name < walk.unknown.domain)) {
        walk.unknown = { problem: outcome.problem, domain: name };
      }
      return undefined;
  }
}

function wayOf(
  rules: Rules,
  walk: MemberWalk,
  member: string,
  known: Exclude<KnownMember, { kind: 'group' }>,
  path: Path,
  ended: Ended | undefined,
): Way {
  if (known.kind === 'subject') {
    const { subject, key } = known;
    if (ended === undefined) return { member, path, subject, key };
    return { member, path, subject, key, dropped: ended.reason, ...detailOf(ended) };
  }
  const { principal, reason } = known;
  if (reason === 'service-unmapped' && principal.kind === 'service' && ended === undefined) {
    const { namespace, problem } = rules.unlisted(principal.domain) ?? {};
    const subject = { kind: 'ServiceAccount', name: principal.service, namespace: namespace ?? '' } as const;
    if (problem !== undefined) walk.unlisted.set(subjectKey(subject), problem);
  }
  return { member, path, dropped: reason };
}

function detailOf(ended: Ended): { readonly detail?: string } {
  return ended.detail === undefined ? {} : { detail: ended.detail };
}

/** Why a membership counts for nothing by itself. A membership has ended at its expiration, not after it. */
function membershipEnd(member: Member, at: number): Ended | undefined {
  if (member.approved === false || member.active === false) return { reason: 'pending' };
  if (member.systemDisabled) return { reason: 'suspended' };
  if (member.expiration === undefined) return undefined;
  const expires = instantOf(member.expiration);
  if (Number.isNaN(expires)) return { reason: 'bad-expiration', detail: member.expiration };
  return expires <= at ? { reason: 'expired', detail: new Date(expires).toISOString() } : undefined;
}

function withExpiry(path: Path, member: Member): Path {
  const expires = member.expiration === undefined ? Number.NaN : instantOf(member.expiration);
  if (Number.isNaN(expires)) return path;
  const earlier = path.expires === undefined ? expires : Math.min(expires, Date.parse(path.expires));
  return { ...path, expires: new Date(earlier).toISOString() };
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch, or NaN. A time without its zone would be another instant on another machine. */
function instantOf(time: string): number {
  return rfc3339.test(time) ? Date.parse(time) : Number.NaN;
}
