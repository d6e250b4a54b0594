import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { decodePath, isAtOrBelow } from '../model/path.ts';
import { blobId, type FileTree, type ObjectFormat, type TreeFile, type TreeMode } from '../model/tree.ts';
import { pathAndParents } from './commit-tree.ts';
import { diskPath } from './disk-path.ts';
import type { Git } from './git.ts';
import { type DiskFile, openStore, type Store } from './stored.ts';

/** Our own half-written files: a killed run may leave one; they are no files of the tree. */
const temporaryFile = /^\.athenz-gitops\.[0-9a-f-]+\.tmp$/;

/** The files of a work tree, and what is none of them. */
export interface WorkTree extends FileTree {
  /** Half-written files of ours that were met in listing. */
  readonly leftovers: ReadonlySet<string>;
  /** Of some paths those where git stores something else than what is written, and why. @throws AppError `GIT_FAILED` */
  unstorable(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Where there is no git that could store anything else. */
const asOnDisk: Store = {
  storedAs: async (files) => new Map(files.map((file) => [file.path, file])),
  unstorable: async () => new Map(),
  notCheckedOut: async () => [],
};

/** What git makes of a folder with a repository of its own. */
const submodule = '160000';

/**
 * The files of a work tree, committed or not, as git would store them: line ends that it converts are no difference. Every
 * file is read once: listing has to, for its id, and keeps the content for `read`.
 *
 * @param root absolute path of the folder that all paths are relative to
 * @param git of the repository whose work tree it is; without one, files are as they lie there
 */
export function workTree(root: string, objectFormat: ObjectFormat, git?: Git): WorkTree {
  const store = git === undefined ? asOnDisk : openStore(git);
  const leftovers = new Set<string>();
  const contents = new Map<string, Uint8Array>();
  const listed = new Map<string, TreeFile>();
  const tree: WorkTree = {
    objectFormat,
    leftovers,
    // Each file was read: what is listed is little beside that.
    scan: (prefixes) => tree.list(prefixes),
    async list(prefixes) {
      const found = new Map<string, TreeFile>();
      const read: DiskFile[] = [];
      for (const prefix of prefixes.map((path) => path.replace(/\/+$/, ''))) {
        // git has nothing behind a link, and knows nothing of what another repository holds.
        if (obstaclesAt(root, pathAndParents(prefix).slice(0, -1)).length > 0) continue;
        for (const { path, mode } of walk(root, prefix, leftovers)) {
          if (found.has(path)) continue;
          const known = listed.get(path);
          const content = known === undefined ? readEntry(diskPath(root, path), mode) : undefined;
          found.set(path, known ?? { path, mode: shown(mode), oid: '' });
          if (content !== undefined) read.push({ path, mode: shown(mode), content });
        }
      }
      const stored = await store.storedAs(read.filter(({ mode }) => mode !== '120000'));
      for (const { path, mode, content } of read) {
        const { mode: own, content: kept } = stored.get(path) ?? { mode, content };
        if (typeof kept === 'string') found.set(path, { path, mode: own, oid: '', unknown: kept });
        else {
          contents.set(path, kept);
          found.set(path, { path, mode: own, oid: blobId(kept, objectFormat) });
        }
      }
      for (const file of await absentBelow(root, store, prefixes)) {
        if (!found.has(file.path)) found.set(file.path, file);
      }
      for (const [path, file] of found) listed.set(path, file);
      return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    unstorable: (paths) => store.unstorable(paths),
    async obstacles(paths) {
      const above = paths.flatMap(pathAndParents);
      const met = obstaclesAt(root, above);
      const absent = await absentBelow(root, store, above);
      const others = absent.filter(({ path, mode }) => mode === submodule && above.includes(path));
      return [...met, ...others.filter(({ path }) => !met.some((it) => it.path === path))];
    },
    async read(files) {
      return new Map(
        files.flatMap(({ path }) => (contents.has(path) ? [[path, contents.get(path) as Uint8Array]] : [])),
      );
    },
  };
  return tree;
}

/** What git has below some paths but not checked out: an empty folder stands for a submodule, nothing at all for a file. */
async function absentBelow(root: string, store: Store, prefixes: readonly string[]): Promise<readonly TreeFile[]> {
  const isBelow = (path: string) => prefixes.some((prefix) => isAtOrBelow(prefix, path));
  if (prefixes.length === 0) return [];
  const absent: TreeFile[] = [];
  for (const file of (await store.notCheckedOut()).filter(({ path }) => isBelow(path))) {
    const seen = kindOf(diskPath(root, file.path));
    // A submodule whose folder is gone was removed here.
    if (seen === (file.mode === submodule ? '040000' : undefined)) absent.push(file);
  }
  return absent;
}

function obstaclesAt(root: string, paths: readonly string[]): readonly TreeFile[] {
  const found: TreeFile[] = [];
  for (const path of new Set(paths)) {
    const seen = kindOf(diskPath(root, path));
    const mode = seen === '040000' && kindOf(diskPath(root, `${path}/.git`)) !== undefined ? submodule : seen;
    if (mode !== undefined && mode !== '040000') found.push({ path, mode: shown(mode), oid: '' });
  }
  return found;
}

/** Files are small and many: to wait for each costs more than to read it. */
function* walk(
  root: string,
  path: string,
  leftovers: Set<string>,
): Generator<{ readonly path: string; readonly mode: Kind }> {
  const mode = kindOf(diskPath(root, path));
  if (mode === undefined) return;
  if (mode !== '040000') {
    yield { path, mode };
    return;
  }
  const names = readdirSync(diskPath(root, path), { encoding: 'buffer' })
    .map((it) => decodePath(it))
    .sort();
  if (path !== '' && names.includes('.git')) {
    yield { path, mode: submodule };
    return;
  }
  for (const name of names) {
    if (name === '.git') continue;
    const below = path === '' ? name : `${path}/${name}`;
    if (temporaryFile.test(name)) leftovers.add(below);
    else yield* walk(root, below, leftovers);
  }
}

/** What there is at a path. `special`: a FIFO, a socket or a device, which git does not see and which may never end. */
type Kind = TreeMode | 'special';

function shown(kind: Kind): TreeMode {
  return kind === 'special' ? '100644' : kind;
}

function kindOf(file: string | Buffer): Kind | undefined {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink()) return '120000';
    if (stat.isDirectory()) return '040000';
    if (!stat.isFile()) return 'special';
    return stat.mode & 0o100 ? '100755' : '100644';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A name that is too long for any file names none.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

/** Undefined for what this user may not read, and for what is no file: whoever asked for it has to say what that means. */
function readEntry(file: string | Buffer, kind: Kind): Uint8Array | undefined {
  if (kind === 'special') return undefined;
  try {
    return kind === '120000' ? readlinkSync(file, { encoding: 'buffer' }) : readFileSync(file);
  } catch {
    return undefined;
  }
}
