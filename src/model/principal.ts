/**
 * What a member name of an Athenz role or group is. Names follow Athenz' `MemberName` (Names.tdl): users and services
 * are dotted names, groups `domain:group.name`, external members `domain:ext.name`; `*` makes a wildcard.
 */
export type Principal =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'service'; readonly name: string; readonly domain: string; readonly service: string }
  | { readonly kind: 'group'; readonly name: string; readonly domain: string; readonly group: string }
  | { readonly kind: 'wildcard'; readonly name: string }
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'unencodable'; readonly name: string }
  | { readonly kind: 'not-a-principal'; readonly name: string };

/** The domains whose direct members are people, usually `user` alone: ZMS may be set up with further ones. */
export type UserDomains = string | readonly string[];

/**
 * Classifies a member name by its text alone: nothing is looked up, as Athenz accepts members that do not exist.
 *
 * @param name as ZMS gives it, unchanged
 */
export function parsePrincipal(name: string, userDomain: UserDomains): Principal {
  if (!name.isWellFormed()) return { kind: 'unencodable', name };
  if (name.includes('*')) return { kind: 'wildcard', name };
  const colon = name.indexOf(':');
  if (colon !== -1) return parseQualified(name, colon);
  const dot = name.lastIndexOf('.');
  if (dot < 1 || dot === name.length - 1) return { kind: 'not-a-principal', name };
  const domain = name.slice(0, dot);
  const isPerson = typeof userDomain === 'string' ? domain === userDomain : userDomain.includes(domain);
  if (isPerson) return { kind: 'user', name };
  return { kind: 'service', name, domain, service: name.slice(dot + 1) };
}

function parseQualified(name: string, colon: number): Principal {
  const domain = name.slice(0, colon);
  const rest = name.slice(colon + 1);
  if (domain !== '' && rest.length > 6 && rest.startsWith('group.')) {
    return { kind: 'group', name, domain, group: rest.slice(6) };
  }
  if (domain !== '' && rest.startsWith('ext.')) return { kind: 'external', name };
  return { kind: 'not-a-principal', name };
}
