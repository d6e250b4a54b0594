/** What the program knows of a change of a mirrored Service, and shows: addresses are counted, never listed. */
export interface MirrorChange {
  /** `service/web` */
  readonly object: string;
  /** Name of the source. */
  readonly source: string;
  /** `namespace/name` in the source. */
  readonly from: string;
  /** `ClusterIP http 80/TCP`; not set for what has none. */
  readonly is?: string;
  /** The same before, where that differs. */
  readonly was?: string;
  /** Ports that its endpoints listen on, before and after, where they differ. */
  readonly targets?: { readonly before: string; readonly after: string };
  /** Not set where none are in git, before and after. */
  readonly addresses?: { readonly added: number; readonly removed: number; readonly total: number };
  readonly reason: MirrorReason;
}

/** Why a Service comes, changes or goes. */
export type MirrorReason =
  | 'selected'
  | 'changed'
  /** It is deleted, or no longer has the labels. */
  | 'not-selected'
  /** No rule of the config asks for it. */
  | 'rule-removed'
  | 'namespace-deleted'
  | 'cluster-removed';
