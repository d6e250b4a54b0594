import { noteRef } from '../git/base-refs.ts';
import { branchName } from '../git/branches.ts';
import { writeNote } from '../git/commit.ts';
import { type Memory, readMemories } from '../git/notes.ts';
import type { Io } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { moveRefs } from './move-refs.ts';
import { trailersOf } from './run.ts';
import type { OwnState } from './tips.ts';

/** What an owner leaves to later runs besides proposals: a note of its own beside theirs, with one file. */
export interface OwnNote {
  /** In place of a scope's key; begins with `@`, which no key can have. */
  readonly slug: string;
  readonly file: string;
}

/** A note of this owner, with what it takes to read and to write it. */
export interface NoteContext {
  readonly io: Io;
  readonly workspace: GitWorkspace;
  readonly state: OwnState;
}

function refOf({ base, claim }: Pick<OwnState, 'base' | 'claim'>, { slug }: OwnNote): string {
  return noteRef(branchName(base.branch, claim.owner, slug));
}

/** What was written last; undefined where there is none, or none that this program made. @throws AppError `GIT_FAILED` */
export async function readOwnNote(
  { workspace, state }: Omit<NoteContext, 'io'>,
  note: OwnNote,
): Promise<Memory | undefined> {
  const ref = refOf(state, note);
  const at = state.notes.get(ref);
  if (at === undefined) return undefined;
  const { repository, config } = workspace;
  const { memories } = await readMemories(repository.git, new Map([[ref, at]]), config.forge.commit.email, note.file);
  return memories.get(ref);
}

/**
 * Writes it, where it holds something else.
 *
 * @param text undefined: it goes
 * @param about `subject`: of its commit; `polled`: as of when it is true, RFC 3339 UTC
 * @throws AppError `GIT_LEASE` when another run was faster, `GIT_FAILED`
 */
export async function writeOwnNote(
  { io, workspace, state }: NoteContext,
  note: OwnNote,
  text: string | undefined,
  about: { readonly subject: string; readonly polled: string },
): Promise<void> {
  const { git } = workspace.repository;
  const { forge } = workspace.config;
  const ref = refOf(state, note);
  const from = state.notes.get(ref) ?? null;
  if (from === null && text === undefined) return;
  if (text !== undefined && (await readOwnNote({ workspace, state }, note))?.text === text) return;
  const facts = { state, assessment: { asOf: about.polled } };
  const trailers = trailersOf(facts, note.slug).map(([name, value]) => `${name}: ${value}`);
  const to =
    text === undefined
      ? null
      : await writeNote(git, {
          message: `athenz-gitops: ${about.subject}\n\n${trailers.join('\n')}\n`,
          author: forge.commit,
          when: io.clock.now(),
          beside: { [note.file]: text },
        });
  await moveRefs({ io, workspace }, [{ ref, from, to }]);
}
