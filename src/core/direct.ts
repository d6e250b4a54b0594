/** Files that are committed to a branch of their own, without a proposal. */
export interface Direct {
  /** Never the base, nor a branch of a proposal. */
  readonly branch: string;
  /** Whether a file belongs there, by its path. */
  takes(path: string): boolean;
}
