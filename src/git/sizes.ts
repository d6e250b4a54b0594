import { decodePath } from '../model/path.ts';
import type { TreeFile, TreeMode } from '../model/tree.ts';
import type { Git } from './git.ts';

/** A file of a commit with its size. */
export interface SizedFile extends TreeFile {
  /** In bytes, as git stores it. */
  readonly size: number;
}

/**
 * The files of a commit at or below some folders, with their sizes: one `ls-tree`, no content is read.
 *
 * @param folders `''` is the whole commit; one that does not exist gives nothing
 * @throws AppError `GIT_FAILED`
 */
export async function listSizes(git: Git, commit: string, folders: readonly string[]): Promise<readonly SizedFile[]> {
  if (folders.length === 0) return [];
  const paths = folders.includes('') ? [] : folders;
  const said = await git.read('listing sizes', ['ls-tree', '-r', '-l', '-z', '--full-tree', commit, '--', ...paths]);
  return decodePath(said)
    .split('\0')
    .flatMap((line) => {
      // `<mode> <type> <oid> <size>\t<path>`, git-ls-tree(1); a submodule has no size.
      const tab = line.indexOf('\t');
      const [mode = '', type, oid = '', size] = line.slice(0, Math.max(0, tab)).split(/ +/);
      return type === 'blob' ? [{ path: line.slice(tab + 1), mode: mode as TreeMode, oid, size: Number(size) }] : [];
    });
}
