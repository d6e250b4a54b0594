import { z } from 'zod';
import { sinceWhen, type Unread, unreadOf } from '../core/unread.ts';
import { noteRef } from '../git/base-refs.ts';
import { branchName } from '../git/branches.ts';
import { writeNote } from '../git/commit.ts';
import { readMemories } from '../git/notes.ts';
import { updateRefs } from '../git/refs.ts';
import { reasonOf } from '../model/error.ts';
import { count } from '../model/text.ts';
import type { Assessment } from '../run/assess.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { type Run, trailersOf } from './run.ts';
import type { OwnState } from './tips.ts';

/*
 * Since when something could not be read is in no commit: nothing changed by it. It is kept in a note of its own beside those of
 * the proposals, written when what cannot be read is something else than before.
 */

/** In place of a scope's key, which cannot have that character. */
const slug = '@unread';
const file = 'unread.json';
const format = 'athenz-gitops unread 1';

const unreadSchema = z.object({
  format: z.literal(format),
  unread: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string().optional(),
      name: z.string().optional(),
      part: z.string().optional(),
      since: z.iso.datetime(),
    }),
  ),
});

/** Where an owner remembers. */
function refOf({ base, claim }: Pick<OwnState, 'base' | 'claim'>): string {
  return noteRef(branchName(base.branch, claim.owner, slug));
}

/** An assessment that says since when what could not be read is unread. */
export async function tellUnread(
  workspace: GitWorkspace,
  state: OwnState,
  assessment: Assessment,
): Promise<Assessment> {
  const { plan, asOf } = assessment;
  if (plan.kept.length === 0) return assessment;
  const before = await readUnread(workspace, state);
  return { ...assessment, plan: { ...plan, kept: sinceWhen(plan.kept, before, asOf) } };
}

/** What earlier runs left. It is input: what is none of ours counts as nothing. */
async function readUnread({ repository, config }: GitWorkspace, state: OwnState): Promise<readonly Unread[]> {
  const ref = refOf(state);
  const note = state.notes.get(ref);
  if (note === undefined) return [];
  const { memories } = await readMemories(repository.git, new Map([[ref, note]]), config.forge.commit.email, file);
  return parseUnread(memories.get(ref)?.text ?? '');
}

/** Reads what `unreadText` wrote; nothing of anything else. */
export function parseUnread(text: string): readonly Unread[] {
  try {
    return unreadSchema.parse(JSON.parse(text)).unread.map(({ namespace, name, part, ...it }) => ({
      ...it,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(part === undefined ? {} : { part }),
    }));
  } catch {
    return [];
  }
}

/** One part a line, so that a difference can be read. */
export function unreadText(unread: readonly Unread[]): string {
  return `{"format":"${format}","unread":[\n${unread.map((it) => JSON.stringify(it)).join(',\n')}\n]}\n`;
}

/** Leaves to the runs that follow what could not be read. What cannot be saved is a warning: nothing hangs on it. */
export async function saveUnread(run: Run): Promise<void> {
  const { workspace, state, assessment, io } = run;
  const { git } = workspace.repository;
  const { forge } = workspace.config;
  const unread = unreadOf(assessment.plan.kept);
  const ref = refOf(state);
  const from = state.notes.get(ref) ?? null;
  if (from === null && unread.length === 0) return;
  try {
    const text = unreadText(unread);
    if (from !== null && unread.length > 0 && (await textAt(run, from)) === text) return;
    const trailers = trailersOf(run, slug).map(([name, value]) => `${name}: ${value}`);
    const to =
      unread.length === 0
        ? null
        : await writeNote(git, {
            message: `athenz-gitops: ${count(unread.length, 'part')} not read\n\n${trailers.join('\n')}\n`,
            author: forge.commit,
            when: io.clock.now(),
            beside: { [file]: text },
          });
    await updateRefs(git, forge.remote, [{ ref, from, to }]);
  } catch (error) {
    run.warn(`saving since when parts could not be read: ${reasonOf(error)}`);
  }
}

function textAt({ workspace }: Run, note: string): Promise<string | undefined> {
  return workspace.repository.git.ask('cat-file', 'blob', `${note}:${file}`);
}
