import { decodePath } from '../model/path.ts';
import type { Git } from './git.ts';
import { type LoggedCommit, latestOf, logArgs, parseLog } from './log.ts';
import { isShallow } from './shallow.ts';

/** Who made a version of a file. */
export type Maker =
  /** `polled`: when Athenz was polled for it, as the trailer says; empty without. */
  | { readonly by: 'program'; readonly polled: string }
  /** By its trailers no commit of this program had a part in it; a squash may have dropped them. */
  | { readonly by: 'others' }
  /** A merge of commits of both, or with a content that none of its commits has, or whose commits are not all here. */
  | { readonly by: 'unknown' };

/** A file as a commit left it. `oid`: not set where the file is not there. */
type Version = LoggedCommit & { readonly oid?: string };

/**
 * Tells whose work versions of files are: this program's own commit, squashed or not, or a merge of which all commits that
 * touch the file are ours, whatever else it brings. That a person could write the same trailer is of no use to them here: a
 * difference is reported either way, and limits hold what ours had granted.
 *
 * @param folders that hold all files
 */
export function openMakers(git: Git, folders: readonly string[]): (version: Version, path: string) => Promise<Maker> {
  // One merge may be the newest of many files.
  const merges = new Map<string, ReturnType<typeof readMerge>>();
  return async ({ commit, parents, scope, polled, oid }, path) => {
    if (scope !== '') return { by: 'program', polled };
    if (parents.length < 2) return { by: 'others' };
    const merge = merges.get(commit) ?? readMerge(git, commit, folders);
    merges.set(commit, merge);
    const brought = await merge;
    if (brought === undefined) return { by: 'unknown' };
    const touching = brought.get(path) ?? [];
    const own = touching.filter((it) => it.scope !== '');
    if (own.length === 0) return { by: 'others' };
    // Otherwise the merge itself has written it.
    const asCommitted = own.some((it) => it.oid === oid);
    if (own.length < touching.length || !asCommitted) return { by: 'unknown' };
    return { by: 'program', polled: latestOf(own.map((it) => it.polled).join('\n')) };
  };
}

/** What the commits that a merge brings have made of files, by path; undefined where some of them may be missing. */
async function readMerge(
  git: Git,
  merge: string,
  folders: readonly string[],
): Promise<ReadonlyMap<string, readonly Version[]> | undefined> {
  if (await isShallow(git)) return undefined;
  // Without --full-history, git leaves out commits whose change another one has undone.
  const range = ['--no-merges', '--full-history', merge, `^${merge}^1`, '--', ...folders];
  const said = await git.feed(['log', ...logArgs, ...range]);
  if (said.code !== 0) return undefined;
  const versions = new Map<string, Version[]>();
  for (const { head, changes } of parseLog(decodePath(said.stdout))) {
    for (const { path, after } of changes) {
      const version = after === undefined ? head : { ...head, oid: after };
      const known = versions.get(path);
      if (known === undefined) versions.set(path, [version]);
      else known.push(version);
    }
  }
  return versions;
}
