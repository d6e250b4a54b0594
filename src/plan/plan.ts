import type {
  AccessChange,
  ClusterTotals,
  DroppedMember,
  Expiring,
  FileChange,
  Held,
  Kept,
  Plan,
} from '../model/change.ts';
import { compareText, type DropReason, type RoleAccess } from '../model/grant.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { TreeFile } from '../model/tree.ts';
import { accessChanges } from './access-changes.ts';
import type { PlanContext } from './context.ts';
import type { CurrentFile } from './current.ts';
import type { Draft } from './draft.ts';
import { fileChanges, isRenderable, withoutLosses } from './files.ts';
import { askLimits, removalsDigest } from './limits.ts';
import { holdLarge, type NamespaceDecision } from './namespace.ts';
import { decideNamespaces } from './namespaces.ts';

export interface PlanInput {
  readonly context: PlanContext;
  readonly inventory: readonly ClusterInventory[];
  readonly access: readonly RoleAccess[];
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Everything at or below `layout.prefix`. */
  readonly files: readonly TreeFile[];
  /** Of those, what `filesToRead` chose, read. */
  readonly current: readonly CurrentFile[];
  readonly at: Date;
  /** `heldRemovals` of an earlier plan, to let exactly those through. */
  readonly acceptRemovals?: string;
}

/** Grants that end within this time are worth a warning. */
const soon = 30 * 24 * 3_600_000;

/** Members nobody can be bound as: a mistake in Athenz, or a wish RBAC cannot fulfil. */
const strange: readonly DropReason[] = [
  'wildcard',
  'external',
  'service-unmapped',
  'unencodable',
  'not-a-principal',
  'bad-expiration',
  'nested-group',
  'group-missing',
  'trust-missing',
  'trust-not-asserted',
];

/**
 * Compares what shall be with what is. Pure, and the same for any order of its input.
 *
 * @returns every change, and everything that is left as it is, with the reason
 */
export function planChanges(input: PlanInput): Plan {
  const files = new Map(input.files.map((file) => [file.path, file]));
  const { decisions, unchangedGrants, held: heldFiles } = decideNamespaces(input, files);
  const clusters = clustersOf(input, decisions);
  const access = [...input.access].sort(comparePlaces);
  const held: Held[] = [...heldFiles];
  const kept: Kept[] = inventoryProblems(input.inventory);
  const changes: AccessChange[] = [];
  const changedFiles: FileChange[] = [];
  const totals: ClusterTotals[] = [];

  const grantsOf = (cluster: string) => (unchangedGrants.get(cluster) ?? 0) + countBefore(decisions.get(cluster) ?? []);
  const verdicts = new Map(
    clusters.map((cluster) => [
      cluster,
      askLimits(input.context.config.limits, cluster, decisions.get(cluster) ?? [], grantsOf(cluster)),
    ]),
  );
  const heldLosses = [...verdicts.values()].flatMap((verdict) => [...verdict.losses]);
  const digest = heldLosses.length > 0 ? removalsDigest(heldLosses) : undefined;
  const accepted = digest !== undefined && digest === input.acceptRemovals;

  for (const cluster of clusters) {
    const verdict = verdicts.get(cluster);
    const back = accepted || verdict === undefined ? new Set<never>() : verdict.losses;
    if (!accepted) held.push(...(verdict?.held ?? []));
    let after = unchangedGrants.get(cluster) ?? 0;
    for (const decision of decisions.get(cluster) ?? []) {
      kept.push(...decision.kept);
      const final = withoutLosses(decision, back);
      const renderable = isRenderable(input.context, final);
      // With those who were to lose it, a role may be too large after all.
      const whole = decision.held ?? (renderable ? holdLarge(input.context, final, final.roles) : undefined);
      if (whole !== undefined) held.push(whole);
      if (whole !== undefined || !renderable) {
        after += countBefore([decision]);
        continue;
      }
      after += countAfter(final);
      changes.push(...accessChanges(final));
      changedFiles.push(...fileChanges(input.context, final, files));
    }
    const namespaces = input.inventory.find((it) => it.cluster === cluster)?.namespaces.length ?? 0;
    totals.push({ cluster, namespaces, grantsBefore: grantsOf(cluster), grantsAfter: after });
  }
  return {
    at: input.at.toISOString(),
    files: changedFiles.sort((a, b) => compareText(a.path, b.path)),
    changes: changes.sort(compareChanges),
    kept,
    held,
    dropped: droppedMembers(access),
    expiring: expiringGrants(access, input.at),
    totals,
    ...(digest === undefined || accepted ? {} : { heldRemovals: digest }),
  };
}

/** Configured clusters in their order, then those that are only found in the tree. */
function clustersOf(input: PlanInput, decisions: ReadonlyMap<string, unknown>): readonly string[] {
  const configured = input.context.config.clusters.map((cluster) => cluster.name);
  return [...new Set([...configured, ...[...decisions.keys()].sort(compareText)])];
}

function inventoryProblems(inventory: readonly ClusterInventory[]): Kept[] {
  const sorted = [...inventory].sort((a, b) => compareText(a.cluster, b.cluster));
  return sorted.flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem })));
}

function countBefore(decisions: readonly NamespaceDecision[]): number {
  return decisions.reduce(
    (sum, { roles }) => sum + roles.reduce((n, role) => n + (role.before?.subjects.length ?? 0), 0),
    0,
  );
}

function countAfter({ roles }: NamespaceDecision): number {
  return roles.reduce((sum, role) => sum + (role.after?.subjects.length ?? 0), 0);
}

function droppedMembers(access: readonly RoleAccess[]): readonly DroppedMember[] {
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.dropped
          .filter((dropped) => strange.includes(dropped.reason))
          .map((dropped) => ({ cluster, namespace, role, dropped }))
      : [],
  );
}

function expiringGrants(access: readonly RoleAccess[], at: Date): readonly Expiring[] {
  const limit = new Date(at.getTime() + soon).toISOString();
  return access.flatMap(({ cluster, namespace, role, outcome }) =>
    outcome.kind === 'value'
      ? outcome.grants
          .filter((grant) => grant.expires !== undefined && grant.expires <= limit)
          .map((grant) => ({ cluster, namespace, role, grant }))
      : [],
  );
}

const kinds: readonly AccessChange['kind'][] = ['gain', 'lose', 'permission', 'mapping'];

function comparePlaces(a: RoleAccess, b: RoleAccess): number {
  return compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace) || compareText(a.role, b.role);
}

function compareChanges(a: AccessChange, b: AccessChange): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace, b.namespace) ||
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    compareText(a.role, b.role) ||
    compareText(subjectText(a), subjectText(b))
  );
}

function subjectText(change: AccessChange): string {
  return 'subject' in change ? change.subject.name : '';
}
