import type { JsonMap } from '../../model/yaml-write.ts';

/** A cluster of the fleet, as a file or a Kyma resource has it. */
export interface ClusterInput {
  readonly name: string;
  readonly file: string;
  /** Of the Kyma resource. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly channel?: string;
  /** Names of sets of values; a later one goes before an earlier one. */
  readonly sets: readonly string[];
  readonly modules: readonly ModuleUse[];
  readonly values: JsonMap;
  readonly allowDowngrade: boolean;
}

/** A module that a cluster lists. */
export interface ModuleUse {
  readonly name: string;
  readonly namespace?: string;
  readonly channel?: string;
  readonly version?: string;
  readonly values: JsonMap;
  readonly valuesFrom: readonly ValuesFrom[];
  /** false: what is in git stays as it is, and nothing is added. */
  readonly managed: boolean;
  readonly allowDowngrade: boolean;
}

/** Values that are read on the cluster (fluxcd.io, helmreleases, "Values references"). */
export interface ValuesFrom {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly valuesKey?: string | undefined;
  readonly targetPath?: string | undefined;
  readonly optional?: boolean | undefined;
}

/** Where a module is from. */
export type Origin =
  | { readonly kind: 'chart'; readonly repository: string; readonly name: string }
  | { readonly kind: 'kustomize'; readonly repository: string; readonly path: string }
  | { readonly kind: 'helmComponent' };

/** A module, as its file has it. */
export interface ModuleInput {
  readonly name: string;
  /** Not set for one that clusters list and no file has. */
  readonly file?: string;
  readonly origin: Origin;
  readonly namespace?: string;
  readonly channels: ReadonlyMap<string, ChannelInput>;
  /** On every cluster, listed or not. */
  readonly mandatory: boolean;
  /** Only on clusters with the label. */
  readonly beta: boolean;
  readonly internal: boolean;
  readonly dependsOn: readonly string[];
  readonly values: JsonMap;
  readonly valuesFrom: readonly ValuesFrom[];
  readonly allowDowngrade: boolean;
}

export interface ChannelInput {
  readonly version: string;
  readonly values: JsonMap;
}

/** Values that clusters share. */
export interface SetInput {
  readonly name: string;
  readonly file: string;
  readonly values: JsonMap;
}

/** A document that says something that cannot be, of which the name is known: only that is held. */
export interface InvalidInput {
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

/** A file, or a document of it, of which not even the names are known. */
export interface Unreadable {
  readonly file: string;
  readonly reason: string;
}
