import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';
import { mergeTree } from './merge-tree.ts';
import { linesOf } from './objects.ts';
import { differenceKey, differences, type Touched } from './touched.ts';

/**
 * Applies commits to a base one after the other, as a rebase does: of each, what it changes of its parent, with files that
 * were moved. It ends before the first one that conflicts, as no rebase gets further. Writes objects, and no ref.
 *
 * @param base commit id
 * @param commits oldest first, no merges
 * @param wanted the paths of interest
 * @returns the commits after which such a path differs from the base in another way than before, with those differences
 * @throws AppError `GIT_FAILED`
 */
export async function replay(
  git: Git,
  base: string,
  commits: readonly Pick<Touched, 'commit' | 'parents'>[],
  wanted: (path: string) => boolean,
): Promise<readonly Touched[]> {
  const [start = '', ...trees] = await treesOf(git, [
    base,
    ...commits.flatMap(({ commit, parents: [parent] }) => [parent, commit]),
  ]);
  let onto = start;
  let known: ReadonlySet<string> = new Set();
  const found: Touched[] = [];
  for (const [index, { commit, parents }] of commits.entries()) {
    const next = await applyTo(git, onto, trees[2 * index] ?? '', trees[2 * index + 1] ?? '');
    if (next === undefined) break;
    if (next === onto) continue;
    onto = next;
    const now = (await differences(git, start, next)).filter(({ path }) => wanted(path));
    const fresh = now.filter((it) => !known.has(differenceKey(it)));
    if (fresh.length > 0) found.push({ commit, parents, differences: fresh });
    known = new Set(now.map(differenceKey));
  }
  return found;
}

/** The tree ids of commits; of no commit, the empty tree's. */
async function treesOf(git: Git, commits: readonly (string | undefined)[]): Promise<readonly string[]> {
  const empty = await made(git, ['mktree'], '');
  const names = commits.map((commit) => (commit === undefined ? empty : `${commit}^{tree}`));
  const [input = ''] = linesOf(names);
  const trees = (await made(git, ['cat-file', '--batch-check=%(objectname)'], input)).split('\n');
  const missing = trees.find((tree) => !/^[0-9a-f]+$/.test(tree));
  if (missing !== undefined) throw gitFailed('reading the trees of commits', missing);
  return trees;
}

/** A tree with what changed from one to the other; undefined where that conflicts. All are tree ids. */
async function applyTo(git: Git, onto: string, from: string, to: string): Promise<string | undefined> {
  if (from === onto) return to;
  // git before 2.40 takes no merge base: three commits without a past say it.
  const base = await writeCommit(git, from);
  const [ours, theirs] = [await writeCommit(git, onto, base), await writeCommit(git, to, base)];
  // Not every forge stops where a file was added to a folder that the base has moved.
  const merge = await mergeTree(git, ours, theirs, 'merge.directoryRenames=false');
  switch (merge.kind) {
    case 'clean':
      return merge.tree;
    case 'conflicted':
      return undefined;
    case 'failed':
      throw gitFailed('applying a commit to the base', merge.words);
  }
}

/** Nobody's, and of no time, so that the same is one object. */
async function writeCommit(git: Git, tree: string, parent?: string): Promise<string> {
  const who = 'athenz-gitops <athenz-gitops@localhost> 0 +0000';
  const parents = parent === undefined ? '' : `parent ${parent}\n`;
  const text = `tree ${tree}\n${parents}author ${who}\ncommitter ${who}\n\nReplay\n`;
  return made(git, ['hash-object', '-t', 'commit', '-w', '--stdin'], text);
}

/** What a command prints, without the last line break. @throws AppError `GIT_FAILED` */
async function made(git: Git, args: readonly string[], input: string): Promise<string> {
  return (await git.read('applying commits to the base', args, [input])).toString('latin1').replace(/\n$/, '');
}
