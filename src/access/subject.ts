import type { MembersConfig } from '../config/types.ts';
import type { DropReason, Subject } from '../model/grant.ts';
import type { Principal } from '../model/principal.ts';

/** Gives the namespace that a domain is mapped to, or undefined. */
export type NamespaceOf = (domain: string) => string | undefined;

/** RFC 1123 subdomain: what Kubernetes accepts as the name of a ServiceAccount. */
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * The Kubernetes subject of a principal, or why there is none. RBAC knows no wildcard and no outside identity, so those
 * grant nothing; a group is not a subject but its members are.
 */
export function toSubject(
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
