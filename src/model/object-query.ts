/** Some objects of one kind in one namespace. */
export interface ObjectQuery {
  /** Empty: core. */
  readonly group: string;
  /** Not set: the one that the API server prefers. */
  readonly version?: string;
  readonly kind: string;
  readonly namespace: string;
  /** Not set: any. */
  readonly name?: string;
  readonly labelSelector?: string;
}
