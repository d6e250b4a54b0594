import { expandRole, type FindDomain } from './expand.ts';
import { matches } from './glob.ts';
import { policiesOf } from './policies.ts';
import { rolesOf } from './roles.ts';

/** The caller, and when. */
export interface Asking {
  readonly principal: string;
  readonly now: number;
}

/** Whether the policies of the resource's domain let the principal do this: a DENY goes before every ALLOW. */
export function isAllowed(find: FindDomain, { principal, now }: Asking, action: string, resource: string): boolean {
  const entry = find(resource.split(':', 1)[0] ?? '');
  if (entry === undefined) return false;
  const roles = rolesOf(entry);
  const effects = [...policiesOf(entry).values()].flat().flatMap(({ role, resource: on, action: what, effect }) => {
    if (!matches(what, action) || !matches(on, resource)) return [];
    const short = role.replace(`${entry.name}:role.`, '');
    const found = roles.get(short);
    if (found === undefined) return [];
    const isIn = expandRole(find, entry.name, short, found).some(
      ({ member: { name, expires, suspended } }) =>
        matches(name, principal) && !suspended && (expires === undefined || Date.parse(expires) > now),
    );
    return isIn ? [effect ?? 'ALLOW'] : [];
  });
  return effects.includes('ALLOW') && !effects.includes('DENY');
}
