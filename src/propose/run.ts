import { trailerKeys } from '../git/trailers.ts';
import { approvalsOf } from '../report/approval.ts';
import type { BodyFacts } from '../report/markdown.ts';
import type { Assessment } from '../run/assess.ts';
import type { Io } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import type { OwnState } from './tips.ts';

/** What the trailers are made from. */
export interface TrailerFacts {
  readonly state: Pick<OwnState, 'base' | 'claim'>;
  /** `asOf`: when Athenz was polled, RFC 3339 UTC. */
  readonly assessment: Pick<Assessment, 'asOf'>;
}

/** What every proposal of a run is made from. */
export interface Run {
  readonly io: Io;
  readonly workspace: GitWorkspace;
  readonly state: OwnState;
  readonly assessment: Pick<Assessment, 'generator' | 'plan' | 'asOf' | 'sources'>;
  readonly dryRun: boolean;
  /** Changes of objects wake its generator: its pushes wait where there were many. */
  readonly paced?: boolean;
  /** Told about what failed but is not what a proposal hangs on. */
  readonly warn: (message: string) => void;
}

/** What a body says besides the scope. */
export function bodyFactsOf({ state, assessment }: Run): BodyFacts {
  const { plan, asOf, sources } = assessment;
  return { base: state.base.branch, owner: state.claim.owner, asOf, sources, approvals: approvalsOf(plan) };
}

/** The trailers of every commit of ours: what it belongs to, and what it was made from. */
export function trailersOf({ state, assessment }: TrailerFacts, scope: string): readonly (readonly [string, string])[] {
  return [
    [trailerKeys.owner, state.claim.owner],
    [trailerKeys.scope, scope],
    [trailerKeys.polled, assessment.asOf],
    [trailerKeys.base, state.base.commit],
  ];
}
