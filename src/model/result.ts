import type { Plan } from './change.ts';

/** What became of the proposal of one scope. */
export type ProposalAction =
  | 'none'
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
  /** Since when removals wait to be merged, RFC 3339 UTC: that long access stands that Athenz has taken away. */
  readonly removalsSince?: string;
}

/** A plan without the texts of its files, and what only later runs need. */
export interface ResultPlan extends Omit<Plan, 'files' | 'proofs'> {
  readonly files: readonly {
    readonly path: string;
    readonly cluster: string;
    readonly namespace: string;
    readonly action: 'add' | 'change' | 'remove';
  }[];
}

/** Everything one run found and did: the JSON of `--json`, and what the text on the terminal is made from. */
export interface RunResult {
  readonly format: 'athenz-gitops run 1';
  readonly command: 'render' | 'plan' | 'sync';
  readonly exitCode: number;
  readonly dryRun: boolean;
  /** When Athenz was polled, RFC 3339 UTC. */
  readonly polledAt: string;
  readonly zmsUrl: string;
  /** Domains that access depends on: all, those that were read, those that could not be. The rest does not exist. */
  readonly domains: { readonly needed: number; readonly read: number; readonly unknown: number };
  readonly requests: number;
  /** The commit everything was compared with; not set for the work tree. */
  readonly base?: { readonly branch: string; readonly commit: string };
  /** The commit of a pull request that gave the namespaces and templates; else the base did. */
  readonly pullRequest?: { readonly commit: string };
  readonly plan: ResultPlan;
  readonly proposals: readonly Proposal[];
}
