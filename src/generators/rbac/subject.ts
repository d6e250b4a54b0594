import type { MembersConfig } from '../../config/types.ts';
import { type DropReason, type Grant, type Path, type Subject, subjectKey } from '../../model/grant.ts';
import { type Principal, parsePrincipal, type UserDomains } from '../../model/principal.ts';

/** What a member name comes to, wherever it is found. */
export type KnownMember =
  | { readonly kind: 'group'; readonly group: Extract<Principal, { kind: 'group' }> }
  /** `key`: as `subjectKey` gives it. `direct`: a member of the role itself whose membership has no end. */
  | { readonly kind: 'subject'; readonly subject: Subject; readonly key: string; readonly direct: DirectWay }
  /** Nobody can be bound as it. */
  | { readonly kind: 'nobody'; readonly principal: Individual; readonly reason: DropReason };

/** Whatever is no group. */
type Individual = Exclude<Principal, { kind: 'group' }>;

/** The way of most members into most roles, with the grant that comes of it where it is the only one. */
export interface DirectWay {
  readonly member: string;
  readonly path: Path;
  readonly subject: Subject;
  readonly key: string;
  readonly grant: Grant;
}

/** Gives the namespace that a domain is mapped to, or undefined. */
export type NamespaceOf = (domain: string) => string | undefined;

/** The path of a membership in the role itself that has no end. */
export const directPath: Path = {};
const directPaths = [directPath];

/**
 * Tells what members come to, by their names as ZMS gives them. One and the same object for one and the same name: people are in
 * many roles, and a fleet has hundreds of thousands of grants.
 */
export function createMembers(
  members: MembersConfig,
  userDomain: UserDomains,
  namespaceOf: NamespaceOf,
): (name: string) => KnownMember {
  const known = new Map<string, KnownMember>();
  const make = (member: string): KnownMember => {
    const principal = parsePrincipal(member, userDomain);
    if (principal.kind === 'group') return { kind: 'group', group: principal };
    const subject = toSubject(principal, members, namespaceOf);
    if ('reason' in subject) return { kind: 'nobody', principal, reason: subject.reason };
    const key = subjectKey(subject);
    const grant = { subject, member, paths: directPaths };
    return { kind: 'subject', subject, key, direct: { member, path: directPath, subject, key, grant } };
  };
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = make(name);
    known.set(name, made);
    return made;
  };
}

/** RFC 1123 subdomain: what Kubernetes accepts as the name of a ServiceAccount. */
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * The Kubernetes subject of a principal, or why there is none. RBAC knows no wildcard and no outside identity, so those
 * grant nothing; a group is not a subject but its members are.
 */
function toSubject(
  principal: Individual,
  members: MembersConfig,
  namespaceOf: NamespaceOf,
): Subject | { readonly reason: DropReason } {
  switch (principal.kind) {
    case 'user':
      return { kind: 'User', name: `${members.users.prefix}${principal.name}` };
    case 'service': {
      if (members.services === 'skip') return { reason: 'service' };
      // The prefix is the API server's, for every user name it makes, whoever is behind it.
      if (members.services === 'User') return { kind: 'User', name: `${members.users.prefix}${principal.name}` };
      const namespace = namespaceOf(principal.domain);
      if (namespace === undefined || principal.service.length > 253 || !subdomain.test(principal.service)) {
        return { reason: 'service-unmapped' };
      }
      return { kind: 'ServiceAccount', name: principal.service, namespace };
    }
    case 'wildcard':
    case 'external':
    case 'unencodable':
    case 'not-a-principal':
      return { reason: principal.kind };
  }
}
