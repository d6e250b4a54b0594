import type { LimitsConfig } from '../config/types.ts';
import type { Held, Loss, WouldEmpty } from '../model/change.ts';
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
    const emptied = emptiedBy(limits, decision);
    if (count <= allowed) return lastMembers(decision, place, emptied);
    return [
      {
        ...place,
        code: 'LIMIT_REMOVED_GRANTS',
        message: excess(count, 'removal', cluster, `maxRemovedGrants (${allowed} of ${grantsBefore} grants)`),
        next: 'review the removals, then approve them',
        losses,
        ...(emptied.length === 0 ? {} : { emptied }),
      },
    ];
  });
}

/** What nothing but the absence of a membership speaks for. */
export function unprovenLosses(decision: NamespaceDecision): readonly Loss[] {
  return decision.roles.flatMap((role) => role.losses.filter((loss) => !loss.proven));
}

/** The losses that take the last member from a role of `limits.neverEmpty`: whoever approves them has to know. */
export function emptyingLosses(limits: LimitsConfig, decision: NamespaceDecision): readonly Loss[] {
  const emptied = new Set(emptiedBy(limits, decision).flatMap(({ role, neverEmpty }) => (neverEmpty ? [role] : [])));
  return unprovenLosses(decision).filter(({ role }) => emptied.has(role));
}

/** Roles that unproven losses leave without anyone. One that leaves the config or git with its namespace is not left at all. */
function emptiedBy(limits: LimitsConfig, { cluster, namespace, roles }: NamespaceDecision): readonly WouldEmpty[] {
  return roles.flatMap(({ role, after, losses }): WouldEmpty[] => {
    const left = after?.subjects.length === 0 && losses.some((loss) => !loss.proven);
    return left ? [{ cluster, namespace, role, neverEmpty: limits.neverEmpty.includes(role) }] : [];
  });
}

/** Where there are not too many removals: those of each role that may not become empty. */
function lastMembers(decision: NamespaceDecision, place: Place, emptied: readonly WouldEmpty[]): readonly Held[] {
  return emptied
    .filter(({ neverEmpty }) => neverEmpty)
    .map((it) => ({
      ...place,
      code: 'LIMIT_NEVER_EMPTY',
      message: `${it.role} would lose its last member (limits.neverEmpty)`,
      next: 'add a member to the role in Athenz, or approve the removal',
      losses: unprovenLosses(decision).filter(({ role }) => role === it.role),
      emptied: [it],
    }));
}
