import { noteRef } from '../git/base-refs.ts';
import type { BotBranch } from '../git/branches.ts';
import { writeCommit, writeNote } from '../git/commit.ts';
import { type RefUpdate, updateRefs } from '../git/refs.ts';
import { trailerKeys } from '../git/trailers.ts';
import type { Plan, Scope } from '../model/change.ts';
import { AppError, reasonOf } from '../model/error.ts';
import type { Proof } from '../model/proof.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { approvalsOf, needsApproval, tallyHeld } from '../report/held.ts';
import { type BodyFacts, renderBody } from '../report/markdown.ts';
import { renderMessage } from '../report/message.ts';
import { count, titleOf } from '../report/words.ts';
import type { Io } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import type { OwnState, OwnTips, Tips } from './base.ts';
import type { BranchState, Desired } from './decide.ts';
import { besideOf, memoryText, orphanedProofs } from './memory.ts';
import type { Subject } from './publish.ts';

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
  const { io, workspace, state } = run;
  const { forge } = workspace.config;
  const { git } = workspace.repository;
  const passed = scope.letThrough.map(({ digest }) => digest);
  const trailers = [
    ...trailersOf(run, scope.key),
    [trailerKeys.digest, scope.digest],
    ...(passed.length === 0 ? [] : [[trailerKeys.letThrough, passed.join(' ')] as const]),
  ] as const;
  const written = await writeCommit(git, {
    base: state.base.commit,
    files: scope.files.map(({ path, after }) => ({ path, ...(after === undefined ? {} : { text: after.text }) })),
    message: renderMessage(scope, trailers),
    author: forge.commit,
    when: io.clock.now(),
    ...(forge.kind === 'local'
      ? { note: `${titleOf(scope)}\n\n${renderBody(scope, bodyFactsOf(run))}`, ...besideOf(scope.proofs) }
      : {}),
  });
  await updateRefs(git, forge.remote, moves(run, branch, tips, written.commit, written.note ?? null));
  return written.commit;
}

/** The trailers of every commit of ours: what it belongs to, and what it was made from. */
function trailersOf({ state, assessment }: Run, scope: string): readonly (readonly [string, string])[] {
  return [
    [trailerKeys.owner, state.claim.owner],
    [trailerKeys.scope, scope],
    [trailerKeys.polled, assessment.snapshot.takenAt],
    [trailerKeys.base, state.base.commit],
  ];
}

/** Why a proposal is no longer needed, where that is not because the base matches Athenz. */
export function heldReason({ scope }: Subject): { readonly reason?: string } {
  if (scope === undefined || scope.held.length === 0) return {};
  return { reason: `the rest ${needsApproval(scope) ? 'needs approval' : 'is held'} (${tallyHeld(scope)})` };
}

/** Deletes a branch, and of its note what later runs need not know. */
export async function removeBranch(run: Run, subject: Subject, tips: Tips): Promise<void> {
  const { workspace } = run;
  const { forge } = workspace.config;
  const proofs = proofsFor(run, subject, tips);
  const note = forge.kind === 'local' && proofs.length > 0 ? await writeProofs(run, subject, proofs) : null;
  await updateRefs(workspace.repository.git, forge.remote, moves(run, subject.branch, tips, null, note));
}

/**
 * Brings what a note remembers up to date where its branch has not moved along: it outlives the branch and a pull request
 * that was closed. A memory of a later poll stays, and so does a note of another owner.
 *
 * @param moved the branch did: a body that was noted for what it was goes
 * @throws AppError `GIT_LEASE` when the ref has moved
 */
export async function rememberProofs(run: Run, subject: Subject, tips: OwnTips, moved = false): Promise<void> {
  const { io, workspace, assessment } = run;
  const { repository, config } = workspace;
  const ref = noteRef(subject.branch);
  const known = tips.memories.get(ref);
  const proofs = proofsFor(run, subject, tips);
  const stale = moved && known === undefined && tips.notes.has(ref);
  if (known === undefined ? proofs.length === 0 && !stale : known.text === memoryText(proofs)) return;
  const other = tips.foreignNotes.get(ref);
  if (other !== undefined) {
    run.warn(
      `remembering why access ended: ${ref} is a note of ${other}; limits may hold it once Athenz has forgotten`,
    );
    return;
  }
  const now = new Date(io.clock.now()).toISOString();
  // What is impossible counts for nothing: a wrong clock once must not stop this for ever.
  if (known !== undefined && known.polled > assessment.snapshot.takenAt && known.polled <= now) return;
  const from = tips.notes.get(ref) ?? null;
  const body = await bodyOn(run, subject.branch, tips);
  const to = proofs.length === 0 && body === undefined ? null : await writeProofs(run, subject, proofs, body);
  try {
    await updateRefs(repository.git, config.forge.remote, [{ ref, from, to }]);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'GIT_LEASE') throw error;
    run.warn(`remembering why access ended: ${reasonOf(error)}; limits may hold it once Athenz has forgotten`);
  }
}

/** What a scope has to remember; of one that there is no more, what no other note has yet. */
function proofsFor({ assessment }: Run, { branch, scope }: Subject, tips: Tips): readonly Proof[] {
  const { plan, snapshot } = assessment;
  return scope === undefined ? orphanedProofs(tips, noteRef(branch), plan.proofs, snapshot.takenAt) : scope.proofs;
}

/** @returns id of the note's commit */
function writeProofs(
  run: Run,
  { key }: Subject,
  proofs: readonly Proof[],
  body?: { readonly commit: string; readonly text: string },
): Promise<string> {
  const trailers = trailersOf(run, key).map(([name, text]) => `${name}: ${text}`);
  return writeNote(run.workspace.repository.git, {
    message: `athenz-gitops: ${key}: ${count(proofs.length, 'proof')} of ended access\n\n${trailers.join('\n')}\n`,
    author: run.workspace.config.forge.commit,
    when: run.io.clock.now(),
    beside: {},
    ...besideOf(proofs),
    ...(body === undefined ? {} : { body }),
  });
}

/** What the note says of the branch's commit, where it does. */
async function bodyOn({ workspace }: Run, branch: string, { branches, notes }: Tips) {
  const [note, commit] = [notes.get(noteRef(branch)), branches.get(branch)?.tip];
  if (note === undefined || commit === undefined || workspace.config.forge.kind !== 'local') return undefined;
  const text = await workspace.repository.git.ask('cat-file', 'blob', `${note}:${commit}`);
  return text === undefined ? undefined : { commit, text };
}

/**
 * A branch and the note with its body move together, the branch last: as long as it is where it was, the next run does both
 * again. A note that only remembers stands for itself: a server that refuses it must not keep back what takes access away.
 */
function moves(
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
