import { createHash } from 'node:crypto';
import type { LimitsConfig } from '../config/types.ts';
import type { Held, Loss } from '../model/change.ts';
import { compareText, subjectKey } from '../model/grant.ts';
import type { NamespaceDecision } from './namespace.ts';

/** What the limits say to the losses of one cluster. */
export interface Verdict {
  readonly held: readonly Held[];
  /** The same losses, to look up. */
  readonly losses: ReadonlySet<Loss>;
}

/**
 * Asks the limits about one cluster. Proven losses are never held, and count for nothing; of the others all are held when
 * they are too many, or those of a role that may not become empty.
 *
 * @param decisions of the cluster's namespaces that change
 * @param grants distinct grants of the cluster in the tree as it is
 */
export function askLimits(
  limits: LimitsConfig,
  cluster: string,
  decisions: readonly NamespaceDecision[],
  grants: number,
): Verdict {
  const open = decisions.filter((decision) => decision.held === undefined);
  const unproven = new Map(open.map((decision) => [decision, unprovenLosses(decision)]));
  const count = [...unproven.values()].reduce((sum, losses) => sum + losses.length, 0);
  const allowed = allowedRemovals(limits, grants);
  const held: Held[] = [];
  for (const [decision, losses] of unproven) {
    if (losses.length === 0) continue;
    const place = { cluster, namespace: decision.namespace };
    if (count > allowed) {
      held.push({
        ...place,
        code: 'LIMIT_REMOVED_GRANTS',
        message: `${losses.length} of the ${count} removals in ${cluster}, which are more than ${allowed} of its ${grants} grants`,
        next: 'look at who would lose access; if it is right, let it through once',
        losses,
      });
    } else {
      held.push(...emptied(limits, decision, place));
    }
  }
  return { held, losses: new Set(held.flatMap((it) => it.losses)) };
}

function allowedRemovals({ maxRemovedGrants }: LimitsConfig, grants: number): number {
  if (maxRemovedGrants === null) return Number.POSITIVE_INFINITY;
  return Math.max(maxRemovedGrants.floor, Math.floor((grants * maxRemovedGrants.percent) / 100));
}

function unprovenLosses(decision: NamespaceDecision): readonly Loss[] {
  return decision.roles.flatMap((role) => role.losses.filter((loss) => !loss.proven));
}

/** Roles that would lose their last member and may not. One that leaves the config or git with its namespace may. */
function emptied(
  limits: LimitsConfig,
  decision: NamespaceDecision,
  place: { cluster: string; namespace: string },
): readonly Held[] {
  return decision.roles.flatMap((role): Held[] => {
    if (!limits.neverEmpty.includes(role.role) || role.after === undefined || role.after.subjects.length > 0) return [];
    const losses = role.losses.filter((loss) => !loss.proven);
    if (losses.length === 0) return [];
    return [
      {
        ...place,
        code: 'LIMIT_NEVER_EMPTY',
        message: `${role.role} in ${place.namespace} would lose its last member`,
        next: 'give the role a member in Athenz; if it shall be empty, let it through once',
        losses,
      },
    ];
  });
}

/** Names a set of removals, so that a person can let through exactly these; 16 hexadecimal digits. */
export function removalsDigest(losses: Iterable<Loss>): string {
  const lines = [...losses].map((loss) =>
    [loss.cluster, loss.namespace, loss.role, subjectKey(loss.subject)].join('\0'),
  );
  return createHash('sha256').update(lines.sort(compareText).join('\n')).digest('hex').slice(0, 16);
}
