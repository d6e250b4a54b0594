import { commitsBetween } from '../git/first-parent.ts';
import type { Git } from '../git/git.ts';
import { readObjects } from '../git/objects.ts';
import type { NotifyEvent } from './event.ts';
import { mergedEvents, type Recorded } from './merged.ts';

/** Sent entry by entry at most; beyond, only that there was more. A run waits for each message. */
const most = { commits: 500, files: 5000, events: 10_000 };

/**
 * What the base branch gained and lost from one commit to another.
 *
 * @throws AppError `GIT_FAILED`
 */
export async function mergedSince(
  git: Git,
  { from, to }: { readonly from: string; readonly to: string },
  recorded: readonly Recorded[],
): Promise<readonly NotifyEvent[]> {
  if (from === to) return [];
  const isAncestor = (await git.ask('merge-base', '--is-ancestor', from, to)) !== undefined;
  if (!isAncestor) {
    // The history of a shallow clone ends before what it is asked about: that says nothing of the branch.
    const isShallow = (await git.ask('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
    return [{ type: 'uncounted', why: isShallow ? 'shallow' : 'rewritten', from, to }];
  }
  const folders = recorded.flatMap(({ territory }) => territory.roots);
  const commits = await commitsBetween(git, from, to, folders, most.commits + 1);
  const files = commits.reduce((sum, { changes }) => sum + changes.length, 0);
  if (commits.length > most.commits || files > most.files) return [{ type: 'uncounted', why: 'too-many', from, to }];
  const events: NotifyEvent[] = [];
  for (const commit of commits) {
    const oids = [...new Set(commit.changes.flatMap(({ before, after }) => [before ?? [], after ?? []].flat()))];
    const objects = await readObjects(git, 'reading merged changes', oids);
    const contents = new Map(
      oids.flatMap((oid, at) => {
        const object = objects[at];
        return object?.type === 'blob' ? [[oid, object.content] as const] : [];
      }),
    );
    for (const event of mergedEvents(commit, recorded, contents)) events.push(event);
    if (events.length > most.events) return [{ type: 'uncounted', why: 'too-many', from, to }];
  }
  return events;
}
