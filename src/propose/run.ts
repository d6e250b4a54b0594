import { trailerKeys } from '../git/trailers.ts';
import type { Plan } from '../model/change.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { approvalsOf } from '../report/held.ts';
import type { BodyFacts } from '../report/markdown.ts';
import type { Io } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import type { OwnState } from './tips.ts';

/** What every proposal of a run is made from. */
export interface Run {
  readonly io: Io;
  readonly workspace: GitWorkspace;
  readonly state: OwnState;
  readonly assessment: { readonly plan: Plan; readonly snapshot: Snapshot };
  readonly dryRun: boolean;
  /** Told about what failed but is not what a proposal hangs on. */
  readonly warn: (message: string) => void;
}

/** What a body says besides the scope. */
export function bodyFactsOf({ state, assessment }: Run): BodyFacts {
  const { snapshot, plan } = assessment;
  return {
    base: state.base.branch,
    owner: state.claim.owner,
    polledAt: snapshot.takenAt,
    domains: [...snapshot.domains.values()].filter((read) => read.kind === 'value').length,
    approvals: approvalsOf(plan),
  };
}

/** The trailers of every commit of ours: what it belongs to, and what it was made from. */
export function trailersOf({ state, assessment }: Run, scope: string): readonly (readonly [string, string])[] {
  return [
    [trailerKeys.owner, state.claim.owner],
    [trailerKeys.scope, scope],
    [trailerKeys.polled, assessment.snapshot.takenAt],
    [trailerKeys.base, state.base.commit],
  ];
}
