import { rows } from './commit-fields.ts';
import type { Git } from './git.ts';

/** A commit that everything is read from, and how it was named. */
export interface Base {
  readonly commit: string;
  readonly branch: string;
}

/** Where changes go: a remote's name, or `null` for this repository itself. */
export type Remote = string | null;

/** The branches this program owns stand below this. */
export const branchPrefix = 'athenz-gitops';

/** The base and the program's refs for it, as one `for-each-ref` saw them. */
export interface BaseRefs {
  readonly base: Base;
  readonly branches: readonly BranchRef[];
  /** Commit ids of note refs by ref. A note outlives its branch if only the branch is deleted. */
  readonly notes: ReadonlyMap<string, string>;
}

/** A branch below `athenz-gitops/<base>/`, before anybody has asked whose it is. */
export interface BranchRef {
  /** Without `refs/heads/`. */
  readonly name: string;
  readonly tip: string;
  /** Of the tip's commit object, in bytes: its message is others' work. */
  readonly size: number;
  /** Absolute path of the work tree that has it checked out. */
  readonly checkedOutAt?: string;
}

/** Where a branch is seen from here: itself, or its copy of the last fetch. */
export function trackingRef(remote: Remote, branch: string): string {
  return remote === null ? `refs/heads/${branch}` : `refs/remotes/${remote}/${branch}`;
}

/** What the names of all of a base's branches begin with. */
export function branchFolder(base: string): string {
  return `${branchPrefix}/${base}/`;
}

/** Where the body of a branch's proposal is noted; one ref per branch, so that scopes do not contend for one. */
export function noteRef(branch: string): string {
  return `refs/notes/${branch}`;
}

/**
 * Lists the base, the branches and the notes of a base branch as they are here.
 *
 * @returns undefined where there is no such base
 * @throws AppError `GIT_FAILED`
 */
export async function listBaseRefs(git: Git, branch: string, remote: Remote): Promise<BaseRefs | undefined> {
  const baseRef = trackingRef(remote, branch);
  const ours = trackingRef(remote, branchFolder(branch));
  const noted = noteRef(branchFolder(branch));
  const said = await git.run('listing branches', 'for-each-ref', `--format=${format}`, baseRef, ours, noted);
  const found = rows(said, fields.length);
  const commit = found.find(([ref]) => ref === baseRef)?.[1];
  if (commit === undefined) return undefined;
  const branches: BranchRef[] = [];
  const notes = new Map<string, string>();
  for (const [ref = '', tip = '', worktree = '', size] of found) {
    if (ref.startsWith(noted)) notes.set(ref, tip);
    if (!ref.startsWith(ours)) continue;
    const name = branchFolder(branch) + ref.slice(ours.length);
    branches.push({ name, tip, size: Number(size), ...(worktree === '' ? {} : { checkedOutAt: worktree }) });
  }
  return { base: { commit, branch }, branches, notes };
}

const fields = ['refname', 'objectname', 'worktreepath', 'objectsize'];
const format = fields.map((field) => `%(${field})%00`).join('');
