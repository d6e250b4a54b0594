/** The last change of a rendered file on the base branch. */
export interface FileCommit {
  readonly commit: string;
  /** RFC 3339: when it came to the base branch. */
  readonly at: string;
  readonly author: string;
  /** This program made it. */
  readonly ours: boolean;
}
