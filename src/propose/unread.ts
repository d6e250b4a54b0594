import { z } from 'zod';
import { sinceWhen, type Unread, unreadOf } from '../core/unread.ts';
import { reasonOf } from '../model/error.ts';
import { count } from '../model/text.ts';
import type { Assessment } from '../run/assess.ts';
import { type OwnNote, readOwnNote, writeOwnNote } from './own-note.ts';
import type { Run } from './run.ts';

/*
 * Since when something could not be read is in no commit: nothing changed by it. It is kept in a note of its own beside those of
 * the proposals, written when what cannot be read is something else than before.
 */

const note: OwnNote = { slug: '@unread', file: 'unread.json' };
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

/** An assessment that says since when what could not be read is unread. A note that cannot be read is a warning. */
export async function tellUnread(
  { workspace, state, warn }: Pick<Run, 'workspace' | 'state' | 'warn'>,
  assessment: Assessment,
): Promise<Assessment> {
  const { plan, asOf } = assessment;
  if (plan.kept.length === 0) return assessment;
  const found = await readOwnNote({ workspace, state }, note).catch((error) => {
    warn(`reading since when parts could not be read: ${reasonOf(error)}`);
  });
  const before = parseUnread(found?.text ?? '');
  return { ...assessment, plan: { ...plan, kept: sinceWhen(plan.kept, before, asOf) } };
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
  const { plan, asOf } = run.assessment;
  const unread = unreadOf(plan.kept, asOf);
  const text = unread.length === 0 ? undefined : unreadText(unread);
  try {
    await writeOwnNote(run, note, text, { subject: `${count(unread.length, 'part')} not read`, polled: asOf });
  } catch (error) {
    run.warn(`saving since when parts could not be read: ${reasonOf(error)}`);
  }
}
