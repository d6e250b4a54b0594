import { listTree } from './commit-tree.ts';
import type { Git } from './git.ts';
import { replay } from './replay.ts';
import { type Difference, isNothing, type Touched } from './touched.ts';

/**
 * What the commits of a range change when a forge merges them by rebase. That can be more than the paths that they touch:
 * where the base has moved a file, or deleted it and added a similar one, their changes follow it.
 *
 * Looked at are all of them in a row; those that the base has no equal of, as `git rebase` skips the others; and each one
 * alone that may follow a file.
 *
 * @param touched all commits of the range, newest first, as `touchedBetween` gives them
 * @param wanted the paths of interest
 * @returns commits after which such a path differs from the base
 * @throws AppError `GIT_FAILED`
 */
export async function rebasedDifferences(
  git: Git,
  base: string,
  head: string,
  touched: readonly Touched[],
  wanted: (path: string) => boolean,
): Promise<readonly Touched[]> {
  const commits = touched.filter(({ parents }) => parents.length < 2).reverse();
  // What adds files, and nothing else, follows none.
  if (commits.every(({ differences }) => differences.every(isAddition))) return [];
  const { followers, alone } = followersIn(commits, await pathsIn(git, base));
  if (followers.length === 0) return [];
  const unequal = await withoutEquals(git, base, head);
  const rows = [commits, commits.filter(({ commit }) => unequal.has(commit)), ...alone.map((it) => [it])];
  const found = new Map<string, Touched>();
  for (const row of rows.filter((it, index) => index === 0 || it.length < commits.length)) {
    for (const it of await replay(git, base, row, wanted)) {
      const known = found.get(it.commit)?.differences ?? [];
      const more = it.differences.filter(({ path }) => !known.some((other) => other.path === path));
      found.set(it.commit, { ...it, differences: [...known, ...more] });
    }
  }
  return [...found.values()];
}

/**
 * The commits whose changes may end up in another path once they are applied to a base. git looks for a moved file only where
 * one is gone: where the base lacks a file that the commit's parent has, or where a commit of the range deletes one.
 *
 * @param commits of the range, without merges
 * @param paths of all files of the base
 * @returns `alone`: those of them that do not need a file that the range itself adds
 */
export function followersIn<T extends Pick<Touched, 'differences'>>(
  commits: readonly T[],
  paths: ReadonlySet<string>,
): { readonly followers: readonly T[]; readonly alone: readonly T[] } {
  const followed = ({ path, before, after }: Difference) =>
    !isNothing(before) && (isNothing(after) || !paths.has(path));
  const followers = commits.filter(({ differences }) => differences.some(followed));
  const added = new Set(commits.flatMap(({ differences }) => differences.filter(isAddition).map(({ path }) => path)));
  const alone = followers.filter(
    ({ differences }) => !differences.some((it) => !isAddition(it) && added.has(it.path) && !paths.has(it.path)),
  );
  return { followers, alone };
}

function isAddition({ before }: Difference): boolean {
  return isNothing(before);
}

async function pathsIn(git: Git, commit: string): Promise<ReadonlySet<string>> {
  return new Set((await listTree(git, 'listing files', '-r', commit)).map(({ path }) => path));
}

/** The commits of the range that the base has none with the same changes of. */
async function withoutEquals(git: Git, base: string, head: string): Promise<ReadonlySet<string>> {
  const args = ['--no-merges', '--cherry-pick', '--right-only', `${base}...${head}`, '--'];
  const listed = await git.run('comparing commits with those of the base', 'rev-list', ...args);
  return new Set(listed.split('\n'));
}
