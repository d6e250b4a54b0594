/** What the program knows of a change of a copy, and shows: names, never values. */
export interface CopyChange {
  /** `configmap/ca-bundle`. */
  readonly object: string;
  /** `namespace/name` of the source. */
  readonly source: string;
  /** `namespace/name` of the ObjectSync. */
  readonly objectSync: string;
  /** Of a copy that changes: the fields that differ, such as `data.ca.crt`, sorted. */
  readonly keys?: readonly string[];
  readonly reason: CopyReason;
  /** Of a copy that goes: the object was adopted, and is not pruned. */
  readonly stays?: true;
}

/** Why a copy comes, changes or goes. */
export type CopyReason =
  | 'asked-for'
  | 'source-changed'
  /** A file of others became ours, as the ObjectSync says. */
  | 'adopted'
  | 'sync-removed'
  | 'source-removed'
  | 'namespace-removed'
  | 'namespace-deleted'
  | 'not-asked-for'
  /** Its ObjectSync is in a namespace that the config no longer watches. */
  | 'not-watched'
  /** The config no longer allows copies to its namespace. */
  | 'not-allowed'
  | 'cluster-removed';
