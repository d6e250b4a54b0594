import picomatch from 'picomatch';
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
  const files = await tree.list(withoutNested(globs.map((glob) => picomatch.scan(glob).base)));
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

/** Folders to list, without those that lie below another: each file is listed once. */
function withoutNested(folders: readonly string[]): readonly string[] {
  const unique = [...new Set(folders.map((folder) => (folder === '.' ? '' : folder)))];
  if (unique.includes('')) return [''];
  return unique.filter((folder) => !unique.some((other) => folder.startsWith(`${other}/`)));
}
