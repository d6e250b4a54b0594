import type { Held } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import type { TreeFile } from '../model/tree.ts';
import { type CurrentFile, namespaceOf } from './current.ts';
import type { Draft } from './draft.ts';
import { holdFile } from './namespace.ts';
import type { PlanInput } from './plan.ts';

/** The drafts and current files of one namespace. */
export interface Unit {
  readonly cluster: string;
  readonly namespace: string;
  readonly drafts: Draft[];
  readonly current: CurrentFile[];
}

/** Brings together what belongs to one namespace; what belongs to none is held. */
export function collectUnits(
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
  const folded = foldPaths(files);
  const movable = new Set(current.flatMap(({ file, parsed }) => (subjectOf(parsed) === undefined ? [] : [file.path])));
  const obstacles = new Set<string>();
  for (const draft of drafts.values()) {
    const { path, cluster, namespace } = draft;
    const unit = unitOf(cluster, namespace);
    unit.drafts.push(draft);
    const above = filesAbove(path, folded).map((file): CurrentFile => ({ file, cluster, parsed: { kind: 'foreign' } }));
    const twins = (folded.get(path.toLowerCase()) ?? [])
      .filter((file) => file.path !== path && !movable.has(file.path))
      .map((file): CurrentFile => ({ file, cluster, parsed: { kind: 'twin', of: path } }));
    unit.current.push(...above, ...twins);
    for (const { file } of [...above, ...twins]) obstacles.add(file.path);
  }
  for (const file of current) {
    // It is named already, with what it is in the way of.
    if (obstacles.has(file.file.path) && !movable.has(file.file.path)) continue;
    const draft = drafts.get(file.file.path);
    const found = subjectOf(file.parsed);
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

/** Files by their path as a file system sees it that does not tell `A` from `a`: there they would be one. */
function foldPaths(files: ReadonlyMap<string, TreeFile>): ReadonlyMap<string, readonly TreeFile[]> {
  return Map.groupBy(files.values(), (file) => file.path.toLowerCase());
}

/** Files and links that stand where a folder would have to be: writing below them could leave the repository. */
function filesAbove(path: string, folded: ReadonlyMap<string, readonly TreeFile[]>): readonly TreeFile[] {
  const above: TreeFile[] = [];
  const lower = path.toLowerCase();
  for (let end = lower.lastIndexOf('/'); end > 0; end = lower.lastIndexOf('/', end - 1)) {
    above.push(...(folded.get(lower.slice(0, end)) ?? []));
  }
  return above;
}

/** The one namespace that a file of ours is about. */
function subjectOf(parsed: CurrentFile['parsed']): string | undefined {
  return parsed.kind === 'rendered' ? namespaceOf(parsed.roles) : undefined;
}

/** A rendered file that does not hold the one namespace its place is for is not to be understood. */
function misplaced(file: CurrentFile, namespace: string | undefined): CurrentFile {
  if (file.parsed.kind !== 'rendered') return file;
  const reason = namespace === undefined ? 'it is not about one namespace' : `it is about ${namespace}`;
  return { ...file, parsed: { kind: 'unparsable', reason } };
}
