import type { LimitsConfig } from '../config/types.ts';
import type { Held, Loss } from '../model/change.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { ClusterDecisions } from './namespaces.ts';
import type { Place } from './role.ts';
import { allowedBy, excess } from './share.ts';

/**
 * The losses of one cluster that a person has to look at. Proven ones are never held, and count for nothing; of the others
 * all are held when they are too many, or those of a role that may not become empty.
 */
export function heldRemovals(
  limits: LimitsConfig,
  { cluster, decisions, grantsBefore }: ClusterDecisions,
): readonly Held[] {
  const open = decisions.filter((decision) => decision.held === undefined);
  const unproven = new Map(open.map((decision) => [decision, unprovenLosses(decision)]));
  const count = [...unproven.values()].reduce((sum, losses) => sum + losses.length, 0);
  const allowed = allowedBy(limits.maxRemovedGrants, grantsBefore);
  return [...unproven].flatMap(([decision, losses]): readonly Held[] => {
    if (losses.length === 0) return [];
    const place = { cluster, namespace: decision.namespace };
    if (count <= allowed) return emptied(limits, decision, place);
    return [
      {
        ...place,
        code: 'LIMIT_REMOVED_GRANTS',
        message: excess(count, 'removal', cluster, `maxRemovedGrants (${allowed} of ${grantsBefore} grants)`),
        next: 'check who would lose access; if it is right, approve it once',
        losses,
      },
    ];
  });
}

/** What nothing but the absence of a membership speaks for. */
export function unprovenLosses(decision: NamespaceDecision): readonly Loss[] {
  return decision.roles.flatMap((role) => role.losses.filter((loss) => !loss.proven));
}

/** Roles that would lose their last member and may not. One that leaves the config or git with its namespace may. */
function emptied(limits: LimitsConfig, decision: NamespaceDecision, place: Place): readonly Held[] {
  return decision.roles.flatMap((role): Held[] => {
    if (!limits.neverEmpty.includes(role.role) || role.after === undefined || role.after.subjects.length > 0) return [];
    const losses = role.losses.filter((loss) => !loss.proven);
    if (losses.length === 0) return [];
    return [
      {
        ...place,
        code: 'LIMIT_NEVER_EMPTY',
        message: `${role.role} would lose its last member (limits.neverEmpty)`,
        next: 'give the role a member in Athenz; if it is right, approve it once',
        losses,
      },
    ];
  });
}
