import type { FileChange } from '../core/change.ts';
import type { Scope } from '../core/scope.ts';
import { noteRef } from '../git/base-refs.ts';
import type { BotBranch } from '../git/branches.ts';
import { type CommitFile, writeCommit } from '../git/commit.ts';
import type { RefUpdate } from '../git/refs.ts';
import { trailerKeys } from '../git/trailers.ts';
import { needsApproval } from '../report/approval.ts';
import { tallyHeld } from '../report/held.ts';
import { renderBody } from '../report/markdown.ts';
import { renderMessage } from '../report/message.ts';
import { titleOf } from '../report/words.ts';
import type { BranchState, DesiredBranch } from './decide.ts';
import { besideOf } from './memory.ts';
import { moveRefs } from './move-refs.ts';
import { proofsFor, writeProofs } from './proofs.ts';
import type { ScopeBranch } from './publish.ts';
import { bodyFactsOf, type Run, trailersOf } from './run.ts';
import type { Tips } from './tips.ts';

/** What is desired, in the terms of the decision. */
export function desiredBranchOf({ assessment }: Run, { scope, wanted }: ScopeBranch): DesiredBranch {
  return {
    ...(wanted === undefined ? {} : { digest: wanted.digest }),
    polledAt: assessment.asOf,
    uncertain: (scope ?? assessment.plan).kept.length > 0,
  };
}

/** What is on a branch, in the terms of the decision. */
export function branchStateOf(branch: BotBranch | undefined): BranchState | undefined {
  if (branch === undefined) return undefined;
  const { name: _, letThrough: __, ownedBy: ___, files: ____, ...state } = branch;
  return state;
}

/** Writes a scope as one commit on the base, and moves its branch there. @returns the commit's id */
export async function writeBranch(run: Run, branch: string, tips: Tips, scope: Scope): Promise<string> {
  const { io, workspace, state } = run;
  const { forge } = workspace.config;
  const { git } = workspace.repository;
  const { words } = run.assessment.generator;
  const passed = scope.approved.map(({ digest }) => digest);
  const trailers = [
    ...trailersOf(run, scope.key),
    [trailerKeys.digest, scope.digest],
    ...(passed.length === 0 ? [] : [[trailerKeys.letThrough, passed.join(' ')] as const]),
  ] as const;
  const written = await writeCommit(git, {
    base: state.base.commit,
    files: scope.files.map(({ path, after }) => (after === undefined ? { path } : fileOf(path, after))),
    message: renderMessage(scope, words, trailers),
    author: forge.commit,
    when: io.clock.now(),
    ...(forge.kind === 'local'
      ? { note: `${titleOf(scope, words)}\n\n${renderBody(scope, words, bodyFactsOf(run))}`, ...besideOf(scope.proofs) }
      : {}),
  });
  await moveRefs(run, refUpdates(run, branch, tips, written.commit, written.note ?? null));
  return written.commit;
}

/** A file to commit, whose text is made when git takes it. */
export function fileOf(path: string, after: NonNullable<FileChange['after']>): CommitFile {
  return {
    path,
    oid: after.oid,
    get text() {
      return after.text;
    },
  };
}

/** Why a proposal is no longer needed, where that is not because the base matches Athenz. */
export function heldReason({ scope }: ScopeBranch): { readonly reason?: string } {
  if (scope === undefined || scope.held.length === 0) return {};
  return { reason: `the rest ${needsApproval(scope) ? 'needs approval' : 'is held'} (${tallyHeld(scope)})` };
}

/** Deletes a branch, and of its note what later runs need not know. */
export async function removeBranch(run: Run, scopeBranch: ScopeBranch, tips: Tips): Promise<void> {
  const { workspace } = run;
  const { forge } = workspace.config;
  const proofs = proofsFor(run, scopeBranch, tips);
  const note = forge.kind === 'local' && proofs.length > 0 ? await writeProofs(run, scopeBranch, proofs) : null;
  await moveRefs(run, refUpdates(run, scopeBranch.branch, tips, null, note));
}

/**
 * A branch and the note with its body move together, the branch last: as long as it is where it was, the next run does both
 * again. A note that only remembers stands for itself: a server that refuses it must not delay a removal of access.
 */
function refUpdates(
  { workspace }: Run,
  branch: string,
  { branches, notes }: Tips,
  to: string | null,
  note: string | null,
): readonly RefUpdate[] {
  const moved: RefUpdate = { ref: `refs/heads/${branch}`, from: branches.get(branch)?.tip ?? null, to };
  const noted: RefUpdate = { ref: noteRef(branch), from: notes.get(noteRef(branch)) ?? null, to: note };
  const alone = workspace.config.forge.kind !== 'local' || (noted.from === null && noted.to === null);
  return alone ? [moved] : [noted, moved];
}
