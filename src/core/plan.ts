import type { Approved, Change, FileChange, Held, Kept, Notes, UnmatchedApproval } from './change.ts';
import type { Proof } from './evidence.ts';
import type { StaleKustomization } from './stale.ts';

export interface ClusterTotals {
  readonly cluster: string;
  /** Units that are desired. */
  readonly units: number;
  /** What limits count, in the tree as it is. */
  readonly before: number;
  /** The same once everything proposed is merged. */
  readonly after: number;
}

/** Everything a run would do for one generator, and everything it leaves alone and why. Lists are in a fixed order. */
export interface Plan<D = unknown> {
  readonly generator: string;
  /** The instant that is planned for, RFC 3339 UTC. */
  readonly at: string;
  /** When time alone ends something next that is desired now, RFC 3339 UTC. */
  readonly nextExpiry?: string;
  readonly files: readonly FileChange[];
  readonly changes: readonly Change<D>[];
  readonly kept: readonly Kept[];
  readonly held: readonly Held<D>[];
  readonly notes: Notes;
  readonly totals: readonly ClusterTotals[];
  readonly approved: readonly Approved[];
  readonly staleKustomizations: readonly StaleKustomization[];
  readonly unmatched: readonly UnmatchedApproval[];
  /** What later runs have to know, sorted. */
  readonly proofs: readonly Proof[];
  /** Names exactly the removals that limits hold back; given back as `--accept-removals` it approves them. */
  readonly heldRemovals?: string;
  /** The same of additions, for `--accept-additions`. */
  readonly heldAdditions?: string;
}
