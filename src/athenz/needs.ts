import { type DomainDocument, roleName } from '../model/domain.ts';
import { parsePrincipal, type UserDomains } from '../model/principal.ts';
import type { TrustIndex } from '../model/trust.ts';

/** A delegated role: who is in it is said by roles of the trusted domain. */
export interface Delegation {
  readonly trust: string;
  /** The role's full name, which the trusted domain's assertions name. */
  readonly resource: string;
}

/** The domains that roles of a document point at: those of groups in them, and those they are delegated to. */
export function neededBy(
  document: DomainDocument,
  roles: ReadonlySet<string>,
  userDomain: UserDomains,
): { readonly groups: readonly string[]; readonly delegations: readonly Delegation[] } {
  const delegations = document.roles.flatMap(({ name, trust }) =>
    trust === undefined || !roles.has(name) ? [] : [{ trust, resource: roleName(document.name, name) }],
  );
  return { groups: groupDomains(document, roles, userDomain), delegations };
}

/**
 * The domains of groups in those roles of a trusted domain that may assume a delegated role. Nothing lies behind them: a trust
 * goes one level deep, and groups do not nest.
 */
export function neededThrough(
  trusted: DomainDocument,
  index: TrustIndex,
  { resource }: Delegation,
  userDomain: UserDomains,
): readonly string[] {
  return groupDomains(trusted, new Set(index(resource)), userDomain);
}

function groupDomains(
  document: DomainDocument,
  roles: ReadonlySet<string>,
  userDomain: UserDomains,
): readonly string[] {
  const domains = new Set<string>();
  for (const { name, members } of document.roles) {
    if (!roles.has(name)) continue;
    for (const member of members) {
      // As every name of a group has one, and few others do.
      if (!member.name.includes(':')) continue;
      const principal = parsePrincipal(member.name, userDomain);
      if (principal.kind === 'group') domains.add(principal.domain);
    }
  }
  return [...domains];
}
