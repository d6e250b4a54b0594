/** A commit of others, with paths of this program. */
export interface Foreign {
  readonly commit: string;
  readonly paths: readonly string[];
}

/** What guard says of a merge. */
export type Verdict =
  /** `files`: how many the program itself changes. */
  | { readonly kind: 'passed'; readonly files: number }
  | {
      readonly kind: 'refused';
      readonly conflicts: readonly string[];
      /** Paths that would change by the hand of others. */
      readonly paths: readonly string[];
      /** With the paths that they touch. */
      readonly commits: readonly Foreign[];
      /** With further paths that they change when they are merged by rebase. */
      readonly rebased: readonly Foreign[];
      /** A proposal of ours makes some of it, and is out of date. */
      readonly stale: boolean;
    };
