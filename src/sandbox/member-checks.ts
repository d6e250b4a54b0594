import { parsePrincipal } from '../model/principal.ts';
import { type Answer, zmsError } from './answer.ts';
import type { FindDomain } from './expand.ts';
import type { ExpiryDays } from './role-state.ts';

/** The refusal of a member whose domain or group is not there; users and services need not be. */
export function unknownMember(find: FindDomain, member: string): Answer | undefined {
  if (member === '*') return undefined;
  const [home = '', group] = member.split(':group.');
  if (group !== undefined) {
    const known = new Map(Object.entries(find(home)?.domain.groups ?? {})).has(group);
    return known ? undefined : zmsError(400, `Principal ${member} is not valid`);
  }
  const domain = home.split(':', 1)[0]?.replace(/\.[^.]*$/, '') ?? '';
  const known = member.includes('.') && find(domain) !== undefined;
  return known ? undefined : zmsError(404, `unknown domain - ${member}`);
}

/** When a membership ends: as asked for, but no later than the role allows, or else its domain. */
export function endOf(
  { name, expires }: { readonly name: string; readonly expires?: string | undefined },
  role: ExpiryDays,
  domain: ExpiryDays,
  now: number,
): string | undefined {
  const key = daysFor(name);
  const days = role[key] ?? domain[key] ?? 0;
  if (days === 0) return expires;
  const latest = now + days * 86_400_000;
  return expires !== undefined && Date.parse(expires) <= latest ? expires : new Date(latest).toISOString();
}

function daysFor(member: string): keyof ExpiryDays {
  const { kind } = parsePrincipal(member, 'user');
  if (kind === 'group') return 'groupExpiryDays';
  return kind === 'service' ? 'serviceExpiryDays' : 'memberExpiryDays';
}
