import { type BranchCommit, commitsBetween } from '../git/first-parent.ts';
import type { Git } from '../git/git.ts';
import { openMakers } from '../git/maker.ts';
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
  if (!(await isOnBranch(git, from, to))) {
    // The history of a shallow clone ends before what it is asked about: that says nothing of the branch.
    const isShallow = (await git.ask('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
    return [{ type: 'uncounted', why: isShallow ? 'shallow' : 'rewritten', from, to }];
  }
  const folders = recorded.flatMap(({ territory }) => territory.roots);
  const commits = await commitsBetween(git, from, to, folders, most.commits + 1);
  const files = commits.reduce((sum, { changes }) => sum + changes.length, 0);
  if (commits.length > most.commits || files > most.files) return [{ type: 'uncounted', why: 'too-many', from, to }];
  const makerOf = openMakers(git, folders);
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
    const ours = new Set<string>();
    for (const { path, after } of commit.changes) {
      const version = after === undefined ? commit.head : { ...commit.head, oid: after };
      if ((await makerOf(version, path)).by === 'program') ours.add(path);
    }
    events.push(...eventsOf(commit, recorded, contents, ours));
    if (events.length > most.events) return [{ type: 'uncounted', why: 'too-many', from, to }];
  }
  return events;
}

/** Whether a branch was once at a commit: one that a merge brought there was on another line. */
async function isOnBranch(git: Git, commit: string, tip: string): Promise<boolean> {
  if ((await git.ask('merge-base', '--is-ancestor', commit, tip)) === undefined) return false;
  const since = (await git.ask('rev-list', '--first-parent', '--parents', `${commit}..${tip}`)) ?? '';
  const [, parent] = since.trimEnd().split('\n').at(-1)?.split(' ') ?? [];
  return parent === commit;
}

/** What no generator can parse is reported as such: one commit must not keep the others from being sent. */
function eventsOf(
  commit: BranchCommit,
  recorded: readonly Recorded[],
  contents: ReadonlyMap<string, Uint8Array>,
  ours: ReadonlySet<string>,
): readonly NotifyEvent[] {
  try {
    return mergedEvents(commit, recorded, contents, ours);
  } catch {
    const { commit: to, parents } = commit.head;
    return [{ type: 'uncounted', why: 'unreadable', from: parents[0] ?? to, to }];
  }
}
