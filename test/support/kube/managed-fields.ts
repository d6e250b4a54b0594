import type { KubeObject, ManagedFields, Manifest } from './object.ts';

/** Who writes, as `managedFields` will say. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly time: string;
}

/** A field that has an owner: its path, and what it says. */
type Leaves = ReadonlyMap<string, string>;

/**
 * Who owns which field after a write that changed something and was forced.
 * @param stored what the server makes of the manifest
 */
export function manage(
  manifest: Manifest,
  stored: Manifest,
  apiVersion: string,
  { manager, operation, time }: Writer,
  before: KubeObject | undefined,
): readonly ManagedFields[] {
  const old = before === undefined ? new Map<string, string>() : leavesOf(before);
  // Rules that are empty are owned by who wrote them, although null is what is kept.
  const now = leavesOf({ ...stored, ...(manifest.rules?.length === 0 ? { rules: [] } : {}) });
  const changed = [...now].filter(([path, text]) => old.get(path) !== text).map(([path]) => path);
  const isOwn = (entry: ManagedFields) => entry.manager === manager && entry.operation === operation;
  const entries = before?.metadata.managedFields ?? [];
  const others = entries
    .filter((entry) => !isOwn(entry))
    .map((entry) => ({ entry, paths: pathsOf(entry).filter((path) => now.has(path) && !changed.includes(path)) }))
    .filter(({ paths }) => paths.length > 0)
    .map(({ entry, paths }) => ({ ...entry, fieldsV1: treeOf(paths) }));
  const own = entries.find(isOwn);
  const paths = operation === 'Apply' ? applied(now, manifest) : updated(now, own, changed);
  if (paths.length === 0) return others;
  const since = operation === 'Update' && changed.length === 0 && own !== undefined ? own.time : time;
  const written = {
    manager,
    operation,
    apiVersion,
    time: since,
    fieldsType: 'FieldsV1',
    fieldsV1: treeOf(paths),
  } as const;
  return [...others, written].sort(byOperationAndTime);
}

/** A map itself (`.`) belongs to nobody who applies; a list that was applied empty does. */
function applied(now: Leaves, { subjects }: Manifest): readonly string[] {
  const named = [...now.keys()].filter((path) => !path.endsWith('\n.'));
  return subjects?.length === 0 ? [...named, 'f:subjects'] : named;
}

function updated(now: Leaves, own: ManagedFields | undefined, changed: readonly string[]): readonly string[] {
  const kept = own === undefined ? [] : pathsOf(own).filter((path) => now.has(path));
  return [...new Set([...kept, ...changed])];
}

function byOperationAndTime(one: ManagedFields, other: ManagedFields): number {
  const order = (entry: ManagedFields) => `${entry.operation} ${entry.time} ${entry.manager}`;
  return order(one) < order(other) ? -1 : 1;
}

function leavesOf({ metadata, rules, subjects, roleRef }: Manifest): Leaves {
  const leaves = new Map<string, string>();
  for (const map of ['annotations', 'labels'] as const) {
    const texts = Object.entries(metadata[map] ?? {});
    if (texts.length > 0) leaves.set(`f:metadata\nf:${map}\n.`, '');
    for (const [key, text] of texts) leaves.set(`f:metadata\nf:${map}\nf:${key}`, text);
  }
  if (rules !== undefined && rules !== null) leaves.set('f:rules', JSON.stringify(rules));
  if (roleRef !== undefined) leaves.set('f:roleRef', JSON.stringify(roleRef));
  if (subjects !== undefined && subjects !== null) leaves.set('f:subjects', JSON.stringify(subjects));
  return leaves;
}

type Tree = { [key: string]: Tree };

function treeOf(paths: readonly string[]): Tree {
  const tree: Tree = {};
  for (const path of [...paths].sort()) {
    let at = tree;
    for (const key of path.split('\n')) {
      at[key] ??= {};
      at = at[key];
    }
  }
  return tree;
}

function pathsOf({ fieldsV1 }: ManagedFields): string[] {
  const walk = (tree: Tree, prefix: readonly string[]): string[] =>
    Object.entries(tree).flatMap(([key, below]) => {
      const inner = walk(below, [...prefix, key]);
      return inner.length > 0 ? inner : [[...prefix, key].join('\n')];
    });
  return walk(fieldsV1 as Tree, []);
}
