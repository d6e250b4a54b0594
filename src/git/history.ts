import type { FileCommit } from '../model/file-commit.ts';
import { readFirstParents } from './first-parent.ts';
import type { Git } from './git.ts';
import type { LoggedCommit } from './log.ts';
import { openMakers } from './maker.ts';

/** A file as one commit of the base branch left it. */
export interface FileVersion extends FileCommit {
  /** git's id of its content; not set where the file was not there. */
  readonly oid?: string;
}

/** How far back it is looked, and how many versions of one file are of use. */
export interface Reach {
  readonly commits: number;
  readonly versions: number;
}

const recent: Reach = { commits: 2000, versions: 5 };
/** More paths than this go unnamed, as do names that no argument can hold: git compares whole folders then. */
const mostPaths = 200;

/** A file as one commit of the base branch left it, before anybody has asked whose commit that is. */
export interface FileRevision extends LoggedCommit {
  /** git's id of its content; not set where the file was not there. */
  readonly oid?: string;
  /** There was no file before the next newer revision; in a shallow clone that may be cut off. */
  readonly beginning?: true;
}

/**
 * The versions of files on a branch, newest first, as merges and direct commits brought them there (`--first-parent`): the
 * time of a version is when it came to the branch. In a shallow clone the history ends early.
 *
 * @param commit tip of the branch
 * @param paths of the files
 * @param folders that hold them all
 * @returns by path; a last version without content stands for the file not being there yet
 * @throws AppError `GIT_FAILED`
 */
export async function readHistory(
  git: Git,
  commit: string,
  paths: readonly string[],
  folders: readonly string[],
): Promise<ReadonlyMap<string, readonly FileVersion[]>> {
  const makerOf = openMakers(git, folders);
  const histories = new Map<string, readonly FileVersion[]>();
  for (const [path, revisions] of await readRevisions(git, commit, paths, folders, recent)) {
    const versions: FileVersion[] = [];
    for (const [index, revision] of revisions.entries()) {
      const { commit: id, at, author, oid, beginning } = revision;
      // What was there before a commit is said of the commit that changed it.
      const maker = await makerOf((beginning && revisions[index - 1]) || revision, path);
      const version = { commit: id, at, author, ours: maker.by === 'program' };
      versions.push(oid === undefined ? version : { ...version, oid });
    }
    histories.set(path, versions);
  }
  return histories;
}

/** As `readHistory`, further back, and without asking whose commits they are. */
export async function readRevisions(
  git: Git,
  commit: string,
  paths: readonly string[],
  folders: readonly string[],
  reach: Reach,
): Promise<ReadonlyMap<string, readonly FileRevision[]>> {
  const histories = new Map(paths.map((path) => [path, [] as FileRevision[]]));
  if (paths.length === 0) return histories;
  const named = paths.length <= mostPaths && paths.every((path) => path.isWellFormed());
  const asked = named ? paths : folders;
  for (const { head, changes } of await readFirstParents(git, commit, asked, reach.commits)) {
    for (const { path, before, after } of changes) {
      const revisions = histories.get(path);
      if (revisions === undefined || revisions.length > reach.versions) continue;
      // The commit before has left what this one found; it gives its own name when the loop comes to it.
      if (revisions.at(-1)?.commit !== head.commit)
        revisions.push(after === undefined ? head : { ...head, oid: after });
      if (before === undefined) revisions.push({ ...head, commit: `${head.commit}^`, beginning: true });
    }
  }
  return histories;
}
