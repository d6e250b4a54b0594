import type { Git } from './git.ts';
import { mergeTree } from './merge-tree.ts';
import { isShallow } from './shallow.ts';

/**
 * The commit below what GitHub's "Update branch" has put on top: merges of the base that hold nothing else. They are no
 * work of a person, and a proposal below them stays ours.
 *
 * A merge counts when GitHub committed it, its second parent is in the base, and its tree is what git makes of the two:
 * a conflict that a person resolved on the way is that person's work.
 *
 * @param tip commit id
 * @param base commit id
 */
export async function belowUpdateMerges(git: Git, tip: string, base: string): Promise<string> {
  let at = tip;
  for (let merges = 0; merges < 1000; merges++) {
    const [first, second] = await parentsOfUpdate(git, at);
    if (first === undefined || second === undefined) return at;
    if (!(await isAncestor(git, second, base)) || !(await isPlainMerge(git, at, first, second))) return at;
    at = first;
  }
  return at;
}

/** The two parents of a merge that GitHub has committed: nothing for any other commit. */
async function parentsOfUpdate(git: Git, commit: string): Promise<readonly string[]> {
  const said = await git.ask('show', '--no-patch', '--format=%ce%n%P', commit);
  const [email = '', parents = ''] = said?.split('\n') ?? [];
  const ids = parents.split(' ');
  // A GitHub of one's own commits as noreply at its own name.
  return email.startsWith('noreply@') && ids.length === 2 ? ids : [];
}

/** Whether every commit of one is in the other. */
export async function isAncestor(git: Git, commit: string, of: string): Promise<boolean> {
  return (await git.ask('merge-base', '--is-ancestor', commit, of)) !== undefined;
}

async function isPlainMerge(git: Git, merge: string, first: string, second: string): Promise<boolean> {
  const tree = await git.ask('rev-parse', '--verify', `${merge}^{tree}`);
  const made = await mergeTree(git, first, second);
  return tree !== undefined && made.kind === 'clean' && made.tree === tree.trim();
}

/** Whether merging two commits would need a person. */
export async function isConflicted(git: Git, base: string, tip: string): Promise<boolean> {
  return (await mergeTree(git, base, tip)).kind === 'conflicted';
}

/** Whether a commit that was in the base has left it, as by a push with force. Unknown in a shallow clone. */
export async function isDropped(git: Git, commit: string, base: string): Promise<boolean> {
  return !(await isAncestor(git, commit, base)) && !(await isShallow(git));
}
