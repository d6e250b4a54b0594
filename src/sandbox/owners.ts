import { type Answer, zmsError } from './answer.ts';
import type { Owners } from './role-state.ts';

type Part = keyof Owners;

/** The `Athenz-Resource-Owner` of a write that is not held to any owner. */
const ignored = 'ignore';

/** The parts of what was written with who owns them now: what nobody owned goes to whom the write names, if anybody. */
export function claimed(
  owners: Owners | undefined,
  owner: string | undefined,
  parts: readonly Part[],
): Owners | undefined {
  if (owner === undefined || owner === '' || owner === ignored) return owners;
  return { ...Object.fromEntries(parts.map((part) => [part, owner])), ...owners };
}

/**
 * The refusal of a write to the whole by anyone but its owner.
 *
 * @param what as the message names it, up to the owners: `role: acme:role.sre, `
 */
export function foreign(owners: Owners | undefined, owner: string | undefined, what: string): Answer | undefined {
  const known = owners?.object;
  if (known === undefined || owner === ignored || owner === known) return undefined;
  return zmsError(409, `Invalid resource owner for ${what}${known} vs. ${owner ?? 'null'}`);
}

/** The refusal of a write to a part of it alone, which ZMS words in another way. */
export function foreignPart(
  owners: Owners | undefined,
  part: 'meta' | 'members',
  owner: string | undefined,
  { kind, name }: { readonly kind: 'role' | 'domain'; readonly name: string },
): Answer | undefined {
  const known = owners?.[part];
  if (known === undefined || owner === ignored || owner === known) return undefined;
  if (owner === undefined || owner === '') {
    return zmsError(409, `${kind === 'role' ? 'Role' : 'Domain'} has a resource owner: ${known}`);
  }
  const whose = kind === 'domain' ? '' : part === 'meta' ? 'meta ' : 'member ';
  return zmsError(409, `Invalid resource ${whose}owner for ${kind}: ${name}, ${known} vs. ${owner}`);
}
