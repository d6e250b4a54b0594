import picomatch from 'picomatch';
import { isAtOrBelow } from '../model/path.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import { mayMatchBelow } from './below.ts';
import { hidingFolders, whyHidden } from './hidden.ts';

/**
 * Of each glob what it asks for: the files that it matches, and links and submodules that may hide some.
 *
 * @param globs from the tree's root, without exclusions
 */
export async function filesByGlob(
  tree: FileTree,
  globs: readonly string[],
): Promise<ReadonlyMap<string, readonly TreeFile[]>> {
  const bases = withoutNested(globs.map((glob) => picomatch.scan(glob).base));
  const listed = await tree.list(bases);
  const files = [...listed, ...(await hidingBases(tree, bases, listed))];
  const below = new Map(globs.map((glob) => [glob, mayMatchBelow(glob)]));
  const above = files.filter((file) => whyHidden(file) && [...below.values()].some((may) => may(file.path)));
  const hiding = new Set(await hidingFolders(tree, above));
  return new Map(
    [...below].map(([glob, may]) => {
      const isMatch = picomatch(glob);
      return [glob, files.filter((file) => isMatch(file.path) || (hiding.has(file) && may(file.path)))];
    }),
  );
}

/** Links and submodules at or above folders in which nothing was listed: the way to what is behind them. */
async function hidingBases(
  tree: FileTree,
  bases: readonly string[],
  listed: readonly TreeFile[],
): Promise<readonly TreeFile[]> {
  const empty = bases.filter((base) => base !== '' && !listed.some(({ path }) => isAtOrBelow(base, path)));
  const known = new Set(listed.map(({ path }) => path));
  const found = empty.length === 0 ? [] : await tree.obstacles(empty);
  return found.filter((file) => whyHidden(file) !== undefined && !known.has(file.path));
}

/** Tells the files that exclusions leave out. @param exclusions without their `!` */
export function excluderOf(exclusions: readonly string[]): (file: TreeFile) => boolean {
  const isExcluded = matcherOf(exclusions);
  // What leaves out all that is below a folder leaves out what stands in its place.
  const isHidden = matcherOf(exclusions.flatMap((glob) => /^(.+)\/\*\*$/.exec(glob)?.[1] ?? []));
  return (file) => isExcluded(file.path) || (whyHidden(file) !== undefined && isHidden(file.path));
}

function matcherOf(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs]);
}

/** Folders to list, without those that lie below another: each file is listed once. */
function withoutNested(folders: readonly string[]): readonly string[] {
  const unique = [...new Set(folders.map((folder) => (folder === '.' ? '' : folder)))];
  if (unique.includes('')) return [''];
  return unique.filter((folder) => !unique.some((other) => folder.startsWith(`${other}/`)));
}
