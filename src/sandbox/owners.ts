import { type Answer, zmsError } from './answer.ts';
import type { Owners } from './state.ts';

type Part = keyof Owners;

/** The owner that a write without a word about it is not held to. */
const ignored = 'ignore';

/** Who owns what a write makes: whom its `Athenz-Resource-Owner` names, if anybody. */
export function newOwners(owner: string | undefined, parts: readonly Part[]): Owners | undefined {
  if (owner === undefined || owner === '' || owner === ignored) return undefined;
  return Object.fromEntries(parts.map((part) => [part, owner]));
}

/**
 * The refusal of a write by somebody else than the owner of that part.
 *
 * @param what as the message names it: `role: acme:role.sre`
 */
export function foreign(
  owners: Owners | undefined,
  part: Part,
  owner: string | undefined,
  what: string,
): Answer | undefined {
  const known = owners?.[part];
  if (known === undefined || owner === ignored || owner === known) return undefined;
  return zmsError(409, `Invalid resource owner for ${what}${known} vs. ${owner ?? 'null'}`);
}
