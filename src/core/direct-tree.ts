import type { FileTree } from '../model/tree.ts';
import type { Direct } from './direct.ts';

/**
 * A tree with the files of a branch in place of its own that belong there. Both are of one repository: contents are found by their ids.
 *
 * @param branch not set where it does not exist yet
 */
export function withDirect(tree: FileTree, branch: FileTree | undefined, { takes }: Pick<Direct, 'takes'>): FileTree {
  const list: FileTree['list'] = async (prefixes) => {
    const own = (await tree.list(prefixes)).filter(({ path }) => !takes(path));
    const direct = ((await branch?.list(prefixes)) ?? []).filter(({ path }) => takes(path));
    return [...own, ...direct].sort((a, b) => (a.path < b.path ? -1 : 1));
  };
  return {
    ...tree,
    list,
    scan: list,
    async read(files) {
      const direct = files.filter(({ path }) => takes(path));
      const own = files.filter(({ path }) => !takes(path));
      return new Map([...(await tree.read(own)), ...((await branch?.read(direct)) ?? [])]);
    },
  };
}
