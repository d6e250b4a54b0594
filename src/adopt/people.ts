import { fullName } from '../config/text-schema.ts';
import type { Subject } from '../model/grant.ts';
import { parsePrincipal } from '../model/principal.ts';

/** Whether a person in Athenz would become this subject. */
export function isPerson({ kind, name }: Subject, userDomain: string): boolean {
  return kind === 'User' && fullName.test(name) && parsePrincipal(name, userDomain).kind === 'user';
}
