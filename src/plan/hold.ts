import type { Loss } from '../model/change.ts';
import { compareSubjects } from '../model/grant.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { RoleDecision } from './role.ts';

/** The decision with some of its losses taken back: those subjects stay, everything else goes on. */
export function holdBack(decision: NamespaceDecision, held: ReadonlySet<Loss>): NamespaceDecision {
  const roles = decision.roles.map((role): RoleDecision => {
    const back = role.losses.filter((loss) => held.has(loss));
    const state = role.after ?? role.before;
    if (back.length === 0 || state === undefined) return role;
    const staying = role.after?.subjects ?? [];
    const subjects = [...staying, ...back.map((loss) => loss.subject)].sort(compareSubjects);
    return { ...role, after: { ...state, subjects }, losses: role.losses.filter((loss) => !held.has(loss)) };
  });
  return { ...decision, roles };
}
