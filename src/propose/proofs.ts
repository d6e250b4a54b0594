import type { Proof } from '../core/evidence.ts';
import { noteRef } from '../git/base-refs.ts';
import { writeNote } from '../git/commit.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { count } from '../model/text.ts';
import { besideOf, memoryText, orphanedProofs } from './memory.ts';
import { moveRefs } from './move-refs.ts';
import type { ScopeBranch } from './publish.ts';
import { type Run, trailersOf } from './run.ts';
import type { OwnTips, Tips } from './tips.ts';

/**
 * Brings what a note remembers up to date where its branch has not moved along: it outlives the branch and a pull request
 * that was closed. A memory of a later poll stays, and so does a note of another owner.
 *
 * @param moved the branch did: a body that was noted for what it was goes
 * @throws AppError `GIT_LEASE` when the ref has moved
 */
export async function rememberProofs(run: Run, scopeBranch: ScopeBranch, tips: OwnTips, moved = false): Promise<void> {
  const { io, assessment } = run;
  const ref = noteRef(scopeBranch.branch);
  const known = tips.memories.get(ref);
  const proofs = proofsFor(run, scopeBranch, tips);
  const stale = moved && known === undefined && tips.notes.has(ref);
  if (known === undefined ? proofs.length === 0 && !stale : known.text === memoryText(proofs)) return;
  const other = tips.foreignNotes.get(ref);
  if (other !== undefined) {
    run.warn(`saving why access ended: ${ref} is a note of ${other}; limits may hold the removal later`);
    return;
  }
  const now = new Date(io.clock.now()).toISOString();
  // What is impossible counts for nothing: a wrong clock once must not stop this for ever.
  if (known !== undefined && known.polled > assessment.asOf && known.polled <= now) return;
  const from = tips.notes.get(ref) ?? null;
  const body = await bodyOn(run, scopeBranch.branch, tips);
  const to = proofs.length === 0 && body === undefined ? null : await writeProofs(run, scopeBranch, proofs, body);
  try {
    await moveRefs(run, [{ ref, from, to }]);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'GIT_LEASE') throw error;
    run.warn(`saving why access ended: ${reasonOf(error)}; limits may hold the removal later`);
  }
}

/** The proofs to save for a scope; for one that no longer exists, those that no other note has. */
export function proofsFor({ assessment }: Run, { branch, scope }: ScopeBranch, tips: Tips): readonly Proof[] {
  const { plan, generator, asOf } = assessment;
  if (scope !== undefined) return scope.proofs;
  return orphanedProofs(tips, noteRef(branch), plan.proofs, generator, asOf);
}

/** @returns id of the note's commit */
export function writeProofs(
  run: Run,
  { key }: ScopeBranch,
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
