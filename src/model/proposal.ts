/** What is proposed together: everything, or the changes of one cluster or one namespace. */
export type GroupBy = 'all' | 'cluster' | 'namespace';

/** What became of the proposal of one scope. */
export type ProposalAction =
  | 'none'
  /** Committed to a branch that needs no review. */
  | 'commit'
  | 'create'
  | 'update'
  | 'up-to-date'
  | 'delete'
  | 'leave'
  | 'waiting'
  | 'declined'
  | 'blocked'
  | 'superseded'
  | 'failed';

export interface ProposedPull {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The account it was opened with starts no workflows: required checks will not come. */
  readonly startsNoChecks?: true;
}

export interface Proposal {
  readonly generator: string;
  readonly scope: string;
  readonly branch: string;
  /** What was done; with `dryRun`, what would have been. */
  readonly action: ProposalAction;
  /** Why it was left alone, or what to look at. */
  readonly reason?: string;
  /** Of `failed`: what the reader can do about it. */
  readonly next?: string;
  readonly title?: string;
  readonly commit?: string;
  readonly digest?: string;
  /** The pull request it is about, as it is afterwards. */
  readonly pull?: ProposedPull;
  /** Since when removals wait to be merged, RFC 3339 UTC: that long what the sources no longer have stands. */
  readonly removalsSince?: string;
}
