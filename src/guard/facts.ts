import { gitFailed } from '../git/failure.ts';
import type { Git } from '../git/git.ts';
import { mergeTree } from '../git/merge-tree.ts';
import { rebasedDifferences } from '../git/rebase.ts';
import { differences, touchedBetween } from '../git/touched.ts';
import type { MergeFacts } from './verdict.ts';

/** What the merge makes, and what the commits that it brings have touched. @throws AppError `GIT_FAILED` */
export async function readFacts(
  git: Git,
  base: string,
  head: string,
  isOwned: (path: string) => boolean,
  { mergeGroup = false }: { readonly mergeGroup?: boolean },
): Promise<MergeFacts> {
  const merge = await mergeTree(git, base, head);
  if (merge.kind === 'failed') {
    throw gitFailed('merging the two commits', merge.words, 'fetch both with all of their history');
  }
  const touched = await touchedBetween(git, base, head, () => true);
  const commits = touched
    .map((it) => ({ ...it, differences: it.differences.filter(({ path }) => isOwned(path)) }))
    .filter((it) => it.differences.length > 0);
  if (merge.kind === 'conflicted') return { conflicts: merge.paths, merged: [], commits, rebased: [] };
  const merged = (await differences(git, base, merge.tree)).filter(({ path }) => isOwned(path));
  // A queue has rebased already: the base moves to its commits as they are.
  const rebased = mergeGroup ? [] : await rebasedDifferences(git, base, head, touched, isOwned);
  return { conflicts: [], merged, commits, rebased };
}
