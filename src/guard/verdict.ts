import type { OwnProposal } from '../git/own-proposal.ts';
import { type Difference, differenceKey, type Touched } from '../git/touched.ts';

/** A commit of others, with paths of this program. */
export interface Foreign {
  readonly commit: string;
  readonly paths: readonly string[];
}

/** What guard says of a merge. */
export type Verdict =
  /** `files`: how many the program itself changes. */
  | { readonly kind: 'passed'; readonly files: number }
  | {
      readonly kind: 'refused';
      readonly conflicts: readonly string[];
      /** Paths that would change by the hand of others. */
      readonly paths: readonly string[];
      /** With the paths that they touch. */
      readonly commits: readonly Foreign[];
      /** With further paths that they change when they are merged by rebase. */
      readonly rebased: readonly Foreign[];
      /** A proposal of ours makes some of it, and is out of date. */
      readonly stale: boolean;
    };

/** What git says of a merge; of paths only those that belong to this program, besides conflicts. */
export interface MergeFacts {
  /** Paths that the merge cannot decide, anywhere in the tree. */
  readonly conflicts: readonly string[];
  /** What the merge makes of the base. */
  readonly merged: readonly Difference[];
  /** The commits it brings that touch such a path, newest first. */
  readonly commits: readonly Touched[];
  /** The commits that change such a path once they are applied to the base one by one. */
  readonly rebased: readonly Touched[];
}

/**
 * Whether a merge leaves what belongs to this program to it. Looking at the merge alone is not enough: merged by rebase,
 * commits are applied one by one, and one of them may fall away that another one had taken back. Looking at the commits alone
 * is not either: a merge commit can choose the old side of a file. Nor do their paths say it all: applied to the base, a
 * change follows a file that the base has moved.
 *
 * @param proposals those whose changes count as this program's
 */
export function judge({ conflicts, merged, commits, rebased }: MergeFacts, proposals: readonly OwnProposal[]): Verdict {
  const current = proposals.filter(({ stale }) => !stale);
  const own = new Set(current.flatMap(({ changes }) => changes.map(differenceKey)));
  const foreign = (some: readonly Difference[]) =>
    some.filter((it) => !own.has(differenceKey(it))).map(({ path }) => path);
  const paths = foreign(merged);
  const foreignIn = (some: readonly Touched[]): readonly Foreign[] =>
    some
      .map(({ commit, differences }) => ({ commit, paths: foreign(differences) }))
      .filter((it) => it.paths.length > 0);
  const touching = foreignIn(commits);
  const said = new Set(touching.flatMap(({ commit, paths: some }) => some.map((path) => `${commit} ${path}`)));
  const following = foreignIn(
    rebased.map(({ differences, ...it }) => {
      return { ...it, differences: differences.filter(({ path }) => !said.has(`${it.commit} ${path}`)) };
    }),
  );
  if (conflicts.length + paths.length + touching.length + following.length === 0)
    return { kind: 'passed', files: merged.length };
  const refused = new Set([...paths, ...[...touching, ...following].flatMap((it) => it.paths)]);
  const stale = proposals.some((it) => it.stale && it.changes.some(({ path }) => refused.has(path)));
  return { kind: 'refused', conflicts, paths, commits: touching, rebased: following, stale };
}
