/** What the program knows of a change of a module on a cluster, and shows: names and versions, never values. */
export interface ModuleChange {
  readonly module: string;
  /** The version before; not set for one that comes, or has none. */
  readonly from?: string;
  /** The version after; not set for one that goes, or has none. */
  readonly to?: string;
  readonly step?: 'upgrade' | 'downgrade';
  /** Kind and name of the object that was there, where it is another one: the controllers remove that one. */
  readonly replaces?: string;
  /** Fields that differ besides the version, such as `values.replicas`, sorted. */
  readonly keys?: readonly string[];
  readonly reason: ModuleReason | GoneReason | 'source';
}

/** Why a cluster has a module, in the version that it has. */
export interface ModuleReason {
  readonly kind: 'listed' | 'mandatory';
  /** Where the version is from. */
  readonly channel?: string;
  /** The cluster itself names the version. */
  readonly pinned?: true;
}

/** Why a module goes. */
export type GoneReason =
  | 'cluster-removed'
  | 'not-listed'
  /** It was mandatory, and its file is gone. */
  | 'module-removed'
  | 'not-beta'
  | 'not-internal'
  /** Another cluster became the hub, or this one left the config. */
  | 'hub-changed';
