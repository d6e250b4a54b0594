import type { BranchState, Desired } from '../forge/decide.ts';
import { type BotBranch, noteRef, trailerKeys } from '../git/branches.ts';
import { writeCommit } from '../git/commit.ts';
import { type RefUpdate, updateRefs } from '../git/refs.ts';
import type { Scope } from '../model/change.ts';
import { approvalsOf } from '../report/held.ts';
import { type BodyFacts, renderBody } from '../report/markdown.ts';
import { renderMessage } from '../report/message.ts';
import { titleOf } from '../report/words.ts';
import type { Assessment } from './assess.ts';
import type { OwnState, Tips } from './base.ts';
import type { Io } from './io.ts';
import type { Subject } from './publish.ts';
import type { GitWorkspace } from './workspace.ts';

/** What every proposal of a run is made from. */
export interface Run {
  readonly io: Io;
  readonly workspace: GitWorkspace;
  readonly state: OwnState;
  readonly assessment: Assessment;
  readonly dryRun: boolean;
}

/** What shall be there, in the terms of the decision. */
export function desiredOf({ assessment }: Run, { scope, wanted }: Subject): Desired {
  return {
    ...(wanted === undefined ? {} : { digest: wanted.digest }),
    polledAt: assessment.snapshot.takenAt,
    uncertain: (scope ?? assessment.plan).kept.length > 0,
  };
}

/** What is on a branch, in the terms of the decision. */
export function branchStateOf(branch: BotBranch | undefined): BranchState | undefined {
  if (branch === undefined) return undefined;
  const { name: _, letThrough: __, ownedBy: ___, files: ____, ...state } = branch;
  return state;
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

/** Writes a scope as one commit on the base, and moves its branch there. @returns the commit's id */
export async function writeBranch(run: Run, branch: string, tips: Tips, scope: Scope): Promise<string> {
  const { io, workspace, state, assessment } = run;
  const { forge } = workspace.config;
  const { git } = workspace.repository;
  const passed = scope.letThrough.map(({ digest }) => digest);
  const trailers = [
    [trailerKeys.owner, state.claim.owner],
    [trailerKeys.scope, scope.key],
    [trailerKeys.digest, scope.digest],
    [trailerKeys.polled, assessment.snapshot.takenAt],
    [trailerKeys.base, state.base.commit],
    ...(passed.length === 0 ? [] : [[trailerKeys.letThrough, passed.join(' ')] as const]),
  ] as const;
  const written = await writeCommit(git, {
    base: state.base.commit,
    files: scope.files.map(({ path, after }) => ({ path, ...(after === undefined ? {} : { text: after.text }) })),
    message: renderMessage(scope, trailers),
    author: forge.commit,
    when: io.clock.now(),
    ...(forge.kind === 'local' ? { note: `${titleOf(scope)}\n\n${renderBody(scope, bodyFactsOf(run))}` } : {}),
  });
  await updateRefs(git, forge.remote, moves(branch, tips, written.commit, written.note ?? null));
  return written.commit;
}

/** Takes a branch and its note away. */
export async function removeBranch({ workspace }: Run, branch: string, tips: Tips): Promise<void> {
  await updateRefs(workspace.repository.git, workspace.config.forge.remote, moves(branch, tips, null, null));
}

/**
 * The branch and its note move together, the branch last: as long as it is where it was, the next run does both again. A note
 * that is neither there nor wanted is left out.
 */
function moves(
  branch: string,
  { branches, notes }: Tips,
  to: string | null,
  note: string | null,
): readonly RefUpdate[] {
  const moved: RefUpdate = { ref: `refs/heads/${branch}`, from: branches.get(branch)?.tip ?? null, to };
  const noted: RefUpdate = { ref: noteRef(branch), from: notes.get(noteRef(branch)) ?? null, to: note };
  return noted.from === null && noted.to === null ? [moved] : [noted, moved];
}
