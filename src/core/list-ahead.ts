import { atOrBelow, isAtOrBelow } from '../model/path.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';

/**
 * The same tree, which lists some paths along with what it is asked for first: of a commit, one `ls-tree` rather than two.
 *
 * @param ahead paths that will be asked for
 */
export function listAhead(tree: FileTree, ahead: readonly string[]): FileTree {
  let first: { readonly prefixes: readonly string[]; readonly files: Promise<Iterable<TreeFile>> } | undefined;
  const scan: FileTree['scan'] = async (prefixes) => {
    if (prefixes.length === 0) return [];
    if (first === undefined) {
      const all = [...prefixes, ...ahead];
      first = { prefixes: all, files: tree.scan(all) };
    }
    const listed = first.prefixes;
    if (!prefixes.every((path) => listed.some((prefix) => isAtOrBelow(prefix, path)))) return tree.scan(prefixes);
    const files = await first.files;
    return { [Symbol.iterator]: () => below(prefixes, files) };
  };
  return { ...tree, scan, list: async (prefixes) => [...(await scan(prefixes))] };
}

function* below(prefixes: readonly string[], files: Iterable<TreeFile>): Generator<TreeFile, void, undefined> {
  const isMeant = atOrBelow(prefixes);
  for (const file of files) if (isMeant(file.path)) yield file;
}
