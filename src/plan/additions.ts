import type { LimitsConfig } from '../config/types.ts';
import type { Gain, Held } from '../model/change.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { ClusterDecisions } from './namespaces.ts';
import { allowedBy, excess } from './share.ts';

/** The gains of one cluster that a person has to look at: all of them, when they are too many. */
export function heldAdditions(
  { maxAddedGrants }: LimitsConfig,
  { cluster, decisions, grantsBefore }: ClusterDecisions,
): readonly Held[] {
  const open = decisions.filter((decision) => decision.held === undefined);
  const gaining = open
    .map((decision) => ({ namespace: decision.namespace, gains: gainsOf(decision) }))
    .filter(({ gains }) => gains.length > 0);
  const count = gaining.reduce((sum, { gains }) => sum + gains.length, 0);
  const allowed = allowedBy(maxAddedGrants, grantsBefore);
  if (count <= allowed) return [];
  return gaining.map(({ namespace, gains }) => ({
    cluster,
    namespace,
    code: 'LIMIT_ADDED_GRANTS',
    message: excess(count, 'addition', cluster, `maxAddedGrants (${allowed} of ${grantsBefore} grants)`),
    next: 'review the additions, then approve them',
    losses: [],
    gains,
  }));
}

export function gainsOf({ roles }: NamespaceDecision): readonly Gain[] {
  return roles.flatMap((role) => role.gains);
}
