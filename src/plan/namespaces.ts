import type { Held } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import type { TreeFile } from '../model/tree.ts';
import { type CurrentFile, isDrafted, namespaceOf } from './current.ts';
import { type Draft, subjectsOf } from './draft.ts';
import { decideNamespace, holdFile, type NamespaceDecision } from './namespace.ts';
import type { PlanInput } from './plan.ts';
import { departedRole, rolesIn } from './role.ts';

/** All namespaces, decided one by one. */
export interface Decisions {
  /** By cluster, sorted by namespace; only those whose files differ. */
  readonly decisions: ReadonlyMap<string, readonly NamespaceDecision[]>;
  /** Distinct grants in the files that stay to the byte, by cluster. */
  readonly unchangedGrants: ReadonlyMap<string, number>;
  /** Files that stand in an output folder and belong to no namespace we know of. */
  readonly held: readonly Held[];
}

/** The drafts and current files of one namespace. */
interface Unit {
  readonly cluster: string;
  readonly namespace: string;
  readonly drafts: Draft[];
  readonly current: CurrentFile[];
}

/** Decides every namespace that is drafted or found in the tree. */
export function decideNamespaces(input: PlanInput, files: ReadonlyMap<string, TreeFile>): Decisions {
  const { units, held } = collectUnits(input, files);
  const decisions = new Map<string, NamespaceDecision[]>();
  const unchangedGrants = new Map<string, number>();
  const incomplete = new Set(input.inventory.filter((it) => it.problems.length > 0).map((it) => it.cluster));
  const configured = new Set(input.context.config.clusters.map((cluster) => cluster.name));
  for (const unit of units) {
    const { cluster, namespace } = unit;
    const unchanged = unit.drafts.filter((draft) => isUnchanged(draft, files));
    const departs = unit.drafts.length === 0;
    if (
      (departs && incomplete.has(cluster)) ||
      (!departs && unchanged.length === unit.drafts.length && unit.current.length === 0)
    ) {
      unchangedGrants.set(cluster, (unchangedGrants.get(cluster) ?? 0) + countGrants(unit));
      continue;
    }
    const decision = departs
      ? departure(unit, configured.has(cluster))
      : decideNamespace(
          input.context,
          { cluster, namespace },
          unit.drafts,
          unit.current,
          new Set(unchanged.map((draft) => draft.path)),
        );
    const list = decisions.get(cluster);
    if (list === undefined) decisions.set(cluster, [decision]);
    else list.push(decision);
  }
  return { decisions, unchangedGrants, held };
}

function collectUnits(
  { drafts, current }: PlanInput,
  files: ReadonlyMap<string, TreeFile>,
): { readonly units: readonly Unit[]; readonly held: readonly Held[] } {
  const units = new Map<string, Unit>();
  const held: Held[] = [];
  const unitOf = (cluster: string, namespace: string): Unit => {
    const key = `${cluster}/${namespace}`;
    const unit = units.get(key) ?? { cluster, namespace, drafts: [], current: [] };
    units.set(key, unit);
    return unit;
  };
  for (const draft of drafts.values()) {
    const unit = unitOf(draft.cluster, draft.namespace);
    unit.drafts.push(draft);
    const above = fileAbove(draft.path, files);
    if (above !== undefined) unit.current.push({ file: above, cluster: draft.cluster, parsed: { kind: 'foreign' } });
  }
  for (const file of current) {
    const draft = drafts.get(file.file.path);
    const found = file.parsed.kind === 'rendered' ? namespaceOf(file.parsed.roles) : undefined;
    if (draft !== undefined) {
      unitOf(draft.cluster, draft.namespace).current.push(found === draft.namespace ? file : misplaced(file, found));
    } else if (found !== undefined) {
      unitOf(file.cluster, found).current.push(file);
    } else {
      const hold = holdFile({ cluster: file.cluster }, file.file.path, misplaced(file, found).parsed);
      if (hold !== undefined) held.push(hold);
    }
  }
  const sorted = [...units.values()].sort(
    (a, b) => compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace),
  );
  for (const unit of sorted) {
    unit.drafts.sort((a, b) => compareText(a.path, b.path));
    unit.current.sort((a, b) => compareText(a.file.path, b.file.path));
  }
  return { units: sorted, held: held.sort((a, b) => compareText(a.message, b.message)) };
}

/** A file or link that stands where a folder would have to be: writing below it could leave the repository. */
function fileAbove(path: string, files: ReadonlyMap<string, TreeFile>): TreeFile | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const file = files.get(path.slice(0, end));
    if (file !== undefined) return file;
  }
  return undefined;
}

/** A rendered file that does not hold the one namespace its place is for is not to be understood. */
function misplaced(file: CurrentFile, namespace: string | undefined): CurrentFile {
  if (file.parsed.kind !== 'rendered') return file;
  const reason = namespace === undefined ? 'it is not about one namespace' : `it is about ${namespace}`;
  return { ...file, parsed: { kind: 'unparsable', reason } };
}

function isUnchanged(draft: Draft, files: ReadonlyMap<string, TreeFile>): boolean {
  const file = files.get(draft.path);
  return file !== undefined && isDrafted(file, draft);
}

function countGrants({ drafts, current }: Unit): number {
  const drafted = drafts.flatMap((draft) => draft.roles).reduce((sum, role) => sum + subjectsOf(role).length, 0);
  return drafted + [...rolesIn(current).values()].reduce((sum, role) => sum + role.subjects.length, 0);
}

/** A namespace that is in the tree but not in git's inventory any more, or whose cluster left the config. */
function departure(unit: Unit, configured: boolean): NamespaceDecision {
  const { cluster, namespace, current } = unit;
  const reason = configured ? 'namespace-left' : 'cluster-left';
  const roles = [...rolesIn(current).values()].map((role) => departedRole({ cluster, namespace }, role, reason));
  return { cluster, namespace, drafts: [], current, roles, kept: [], departed: true };
}
