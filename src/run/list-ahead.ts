import { isAtOrBelow } from '../model/path.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';

/**
 * The same tree, which lists some paths along with what it is asked for first: of a commit, one `ls-tree` rather than two.
 *
 * @param ahead paths that will be asked for
 */
export function listAhead(tree: FileTree, ahead: readonly string[]): FileTree {
  let first: { readonly prefixes: readonly string[]; readonly files: Promise<readonly TreeFile[]> } | undefined;
  return {
    ...tree,
    async list(prefixes) {
      if (prefixes.length === 0) return [];
      if (first === undefined) {
        const all = [...prefixes, ...ahead];
        first = { prefixes: all, files: tree.list(all) };
      }
      const listed = first.prefixes;
      if (!prefixes.every((path) => listed.some((prefix) => isAtOrBelow(prefix, path)))) return tree.list(prefixes);
      return (await first.files).filter(({ path }) => prefixes.some((prefix) => isAtOrBelow(prefix, path)));
    },
  };
}
