import type { Problem } from './error.ts';

/** A namespace and where it was found. */
export interface NamespaceEntry {
  readonly name: string;
  /** Path from the repository's root, or the cluster whose own list has it. */
  readonly source: string;
  /** Of its manifest; a name in a list has none. */
  readonly annotations?: Readonly<Record<string, string>>;
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
}
