import type { Problem } from './error.ts';

/** A namespace and where it was found. */
export interface NamespaceEntry {
  readonly name: string;
  /** Path from the repository's root, or the cluster whose own list has it. */
  readonly source: string;
  /** Of its manifest; a name in a list has none. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The namespaces of one cluster, from the files at one commit or from its own list. */
export interface ClusterInventory {
  readonly cluster: string;
  /** Sorted by name, unique, without the excluded ones. */
  readonly namespaces: readonly NamespaceEntry[];
  /** Found but left out, by the built-in list, by the config, or because it is being deleted. */
  readonly excluded: readonly string[];
  /** Paths that a pattern with "!" leaves out, sorted. */
  readonly excludedFiles?: readonly string[];
  /** Not empty: the inventory is incomplete, and no namespace of this cluster may be removed. */
  readonly problems: readonly Problem[];
}
