import type { MembersConfig } from '../../config/types.ts';
import { type DropReason, type Subject, subjectKey } from '../../model/grant.ts';
import type { Principal } from '../../model/principal.ts';

/** What a member comes to. `key`: as `subjectKey` gives it. */
export type MemberSubject = { readonly subject: Subject; readonly key: string } | { readonly reason: DropReason };

/** Gives the namespace that a domain is mapped to, or undefined. */
export type NamespaceOf = (domain: string) => string | undefined;

/**
 * As `toSubject`, with one and the same object for one and the same principal: people are in many roles, and a fleet has
 * hundreds of thousands of grants.
 */
export function createSubjects(
  members: MembersConfig,
  namespaceOf: NamespaceOf,
): (principal: Exclude<Principal, { kind: 'group' }>, name: string) => MemberSubject {
  const known = new Map<string, MemberSubject>();
  return (principal, name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const subject = toSubject(principal, members, namespaceOf);
    const made = 'reason' in subject ? subject : { subject, key: subjectKey(subject) };
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
  principal: Exclude<Principal, { kind: 'group' }>,
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
