import { decodePath, foldersAbove } from '../model/path.ts';
import type { FileTree, ObjectFormat, TreeFile, TreeMode } from '../model/tree.ts';
import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';

/** The files of one commit. Nothing is checked out: listing is one `ls-tree`, reading one `cat-file --batch`. */
export function commitTree(git: Git, commit: string, objectFormat: ObjectFormat): FileTree {
  return {
    objectFormat,
    async list(prefixes) {
      if (prefixes.length === 0) return [];
      const paths = prefixes.includes('') ? [] : prefixes;
      return listTree(git, 'listing files', '-r', commit, '--', ...paths);
    },
    async obstacles(paths) {
      const above = [...new Set(paths.flatMap(pathAndParents))];
      if (above.length === 0) return [];
      const entries = await listTree(git, 'listing folders', commit, '--', ...above);
      return entries.filter((entry) => entry.mode !== '040000' && above.includes(entry.path));
    },
    read: (files) => readBlobs(git, files),
  };
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
export function pathAndParents(path: string): readonly string[] {
  return [...foldersAbove(path), path].filter((part) => part !== '');
}

/** @param args of `ls-tree` after `-z --full-tree` @throws AppError `GIT_FAILED` */
export async function listTree(git: Git, doing: string, ...args: readonly string[]): Promise<readonly TreeFile[]> {
  return parseListing(decodePath(await git.read(doing, ['ls-tree', '-z', '--full-tree', ...args])));
}

/** Each mode once, not once for each file. */
const modes: Readonly<Record<TreeMode, TreeMode>> = {
  '100644': '100644',
  '100755': '100755',
  '120000': '120000',
  '160000': '160000',
  '040000': '040000',
};

/** `<mode> <type> <oid>\t<path>\0`, git-ls-tree(1). */
function parseListing(text: string): readonly TreeFile[] {
  const files: TreeFile[] = [];
  for (const line of text.split('\0')) {
    const tab = line.indexOf('\t');
    if (tab === -1) continue;
    const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
    files.push({ path: line.slice(tab + 1), mode: modes[mode as TreeMode] ?? mode, oid });
  }
  return files;
}

/** Contents by path; what a path is to a caller is its own business. @throws AppError `GIT_FAILED` */
export async function readBlobs(git: Git, files: readonly TreeFile[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const blobs = files.filter((file) => file.mode !== '160000');
  const objects = await readObjects(
    git,
    'reading files',
    blobs.map(({ oid }) => oid),
  );
  return new Map(
    blobs.map(({ path }, index) => {
      const object = objects[index];
      if (object?.type !== 'blob') throw gitFailed(`reading ${path}`, 'its content is not in the repository');
      return [path, object.content];
    }),
  );
}
