import { compareSubjects, subjectKey } from '../../model/grant.ts';
import { changeId } from './change.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { RoleDecision } from './role.ts';

/** The decision without some of its changes: who was to lose stays, who was to gain stays out, the rest goes on. @param held ids */
export function holdBack(decision: NamespaceDecision, held: ReadonlySet<string>): NamespaceDecision {
  if (held.size === 0) return decision;
  return { ...decision, roles: decision.roles.map((role) => holdRole(role, held)) };
}

function holdRole(role: RoleDecision, held: ReadonlySet<string>): RoleDecision {
  const { after, asDesired: _, ...rest } = role;
  const state = after ?? role.before;
  const staying = role.losses.filter((loss) => held.has(changeId(loss)));
  const out = new Set(role.gains.filter((gain) => held.has(changeId(gain))).map(({ subject }) => subjectKey(subject)));
  if (state === undefined || staying.length + out.size === 0) return role;
  const subjects = [
    ...(after?.subjects ?? []).filter((subject) => !out.has(subjectKey(subject))),
    ...staying.map((loss) => loss.subject),
  ].sort(compareSubjects);
  const decided = {
    ...rest,
    gains: role.gains.filter((gain) => !held.has(changeId(gain))),
    losses: role.losses.filter((loss) => !held.has(changeId(loss))),
  };
  // Of a role that is not there yet an empty list would revoke the binding to adopt.
  return role.before === undefined && subjects.length === 0 ? decided : { ...decided, after: { ...state, subjects } };
}
