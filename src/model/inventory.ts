import type { Problem } from './error.ts';
import { compareText } from './text.ts';

/** A namespace and where it was found. */
export interface NamespaceEntry {
  readonly name: string;
  /** Path from the repository's root, or the cluster whose own list has it. */
  readonly source: string;
  /** Of its manifest; a name in a list has none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of its manifest, or as the cluster has them: there, whoever may edit the Namespace sets them. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The texts of a map of labels or annotations, if there are any. What is no text is none: Kubernetes would refuse it. */
export function textsOf(map: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
  const texts = Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** Why a namespace is left out: `namespaces.exclude`, the built-in list of system namespaces, or it is being deleted. */
export type Exclusion = 'config' | 'system' | 'deletion';

export interface ExcludedNamespace {
  readonly name: string;
  readonly by: Exclusion;
}

/** The namespaces of one cluster, from the files at one commit or from its own list. */
export interface ClusterInventory {
  readonly cluster: string;
  /** Sorted by name, unique, without the excluded ones. */
  readonly namespaces: readonly NamespaceEntry[];
  /** Found but left out, sorted by name. */
  readonly excluded: readonly ExcludedNamespace[];
  /** Paths that a pattern with "!" leaves out, sorted. */
  readonly excludedFiles?: readonly string[];
  /** Not empty: the inventory is incomplete, and no namespace of this cluster may be removed. */
  readonly problems: readonly Problem[];
  /**
   * Of an incomplete inventory: further namespaces that have rendered files, by name. They may exist or not; what is granted in them
   * still follows Athenz.
   */
  readonly presumed?: readonly NamespaceEntry[];
}

/** An inventory with what is presumed of it. */
export function withPresumed(inventory: readonly ClusterInventory[]): readonly ClusterInventory[] {
  return inventory.map((it) => {
    if (it.presumed === undefined) return it;
    const { presumed, ...known } = it;
    return { ...known, namespaces: [...it.namespaces, ...presumed].sort((a, b) => compareText(a.name, b.name)) };
  });
}

/** A namespace of an inventory by its name. Searched for where it would stand: a set of all names costs a fleet megabytes. */
export function findNamespace({ namespaces }: ClusterInventory, name: string): NamespaceEntry | undefined {
  let [low, high] = [0, namespaces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((namespaces[middle]?.name ?? '') < name) low = middle + 1;
    else high = middle;
  }
  const found = namespaces[low];
  return found?.name === name ? found : undefined;
}

/** What one cluster's inventory leaves out. */
export interface SkippedNamespaces {
  readonly cluster: string;
  /** By the built-in list, by `namespaces.exclude`, or as they are being deleted. */
  readonly namespaces: readonly string[];
  /** Paths, by a pattern with "!". */
  readonly files: readonly string[];
}

/** What the inventories of clusters leave out, where they leave out anything. */
export function skippedNamespaces(inventory: readonly ClusterInventory[]): readonly SkippedNamespaces[] {
  return inventory
    .filter(({ excluded, excludedFiles = [] }) => excluded.length + excludedFiles.length > 0)
    .map(({ cluster, excluded, excludedFiles = [] }) => ({
      cluster,
      namespaces: excluded.map(({ name }) => name),
      files: excludedFiles,
    }))
    .sort((a, b) => compareText(a.cluster, b.cluster));
}

/** The namespaces of all clusters, in the order of the inventory. */
export function namespacesIn(
  inventory: readonly ClusterInventory[],
): readonly { readonly cluster: string; readonly namespace: string }[] {
  return inventory.flatMap(({ cluster, namespaces }) => namespaces.map(({ name }) => ({ cluster, namespace: name })));
}
