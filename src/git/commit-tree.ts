import { decodePath, foldersAbove } from '../model/path.ts';
import type { FileTree, ObjectFormat, TreeFile, TreeMode } from '../model/tree.ts';
import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';

/** The files of one commit. Nothing is checked out: listing is one `ls-tree`, reading one `cat-file --batch`. */
export function commitTree(git: Git, commit: string, objectFormat: ObjectFormat): FileTree {
  const scan: FileTree['scan'] = async (prefixes) => {
    if (prefixes.length === 0) return [];
    const paths = prefixes.includes('') ? [] : prefixes;
    return scanTree(git, 'listing files', '-r', commit, '--', ...paths);
  };
  return {
    objectFormat,
    list: async (prefixes) => [...(await scan(prefixes))],
    scan,
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
  return [...(await scanTree(git, doing, ...args))];
}

/** As `listTree`: what git prints is kept as it is, and a file is made when it is come to. */
async function scanTree(git: Git, doing: string, ...args: readonly string[]): Promise<Iterable<TreeFile>> {
  const output = await git.read(doing, ['ls-tree', '-z', '--full-tree', ...args]);
  return { [Symbol.iterator]: () => parseListing(output) };
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
function* parseListing(output: Buffer): Generator<TreeFile, void, undefined> {
  for (let from = 0, to = output.indexOf(0); to >= 0; from = to + 1, to = output.indexOf(0, from)) {
    const line = decodePath(output, from, to);
    const tab = line.indexOf('\t');
    const mode = line.slice(0, line.indexOf(' ')) as TreeMode;
    yield {
      path: line.slice(tab + 1),
      mode: modes[mode] ?? mode,
      oid: line.slice(line.lastIndexOf(' ', tab) + 1, tab),
    };
  }
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
