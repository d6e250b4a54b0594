import { fullName } from '../config/text-schema.ts';
import { parentOf } from '../model/domain.ts';
import { compareText, type Subject } from '../model/grant.ts';
import { parsePrincipal } from '../model/principal.ts';
import type { FoundObject } from './found.ts';

/** Where people are everywhere unless somebody has set up Athenz another way. */
const usual = 'user';

/**
 * The domain whose members the operator took for people (`userTld`): the usual one, unless nobody here is of it. Then it is
 * the top-level domain that most users are directly below.
 */
export function findUserDomain(objects: readonly FoundObject[]): string {
  const seen = new Map<string, number>();
  for (const { binding } of objects) {
    for (const { kind, name } of binding?.subjects ?? []) {
      const domain = kind === 'User' && fullName.test(name) ? parentOf(name) : undefined;
      if (domain === undefined || domain.includes('.')) continue;
      seen.set(domain, (seen.get(domain) ?? 0) + 1);
    }
  }
  if (seen.has(usual)) return usual;
  const [most] = [...seen].sort(([a, ofA], [b, ofB]) => ofB - ofA || compareText(a, b));
  return most?.[0] ?? usual;
}

/** Whether a person in Athenz would become this subject. */
export function isPerson({ kind, name }: Subject, userDomain: string): boolean {
  return kind === 'User' && fullName.test(name) && parsePrincipal(name, userDomain).kind === 'user';
}
