import { isAtOrBelow } from '../model/path.ts';
import { blobId, type FileTree, type ObjectFormat, type TreeFile, type TreeMode } from '../model/tree.ts';
import { pathAndParents } from './commit-tree.ts';
import { entriesAt, type Kind, kindOf, openRoom, readEntry, submodule } from './disk-entries.ts';
import { diskPath } from './disk-path.ts';
import type { Git } from './git.ts';
import { type DiskFile, openStore, type Store } from './stored.ts';

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

/** Bytes that are looked at at a time, and that are kept for `read`: of a fleet, files are read again where one differs. */
const batchBytes = 4 * 1024 ** 2;

/**
 * The files of a work tree, committed or not, as git would store them: line ends that it converts are no difference. Listing
 * reads every file, for its id; `read` leaves out one that has changed since.
 *
 * @param root absolute path of the folder that all paths are relative to
 * @param git of the repository whose work tree it is; without one, files are as they lie there
 */
export function workTree(root: string, objectFormat: ObjectFormat, git?: Git): WorkTree {
  const store = git === undefined ? asOnDisk : openStore(git);
  const leftovers = new Set<string>();
  const listed = new Map<string, TreeFile>();
  const contents = new Map<string, Uint8Array>();
  let kept = 0;

  /** What git has of these: with their ids, and what it would store. */
  async function identify(
    files: readonly DiskFile[],
  ): Promise<readonly { readonly file: TreeFile; readonly content?: Uint8Array }[]> {
    const stored = await store.storedAs(files.filter(({ mode }) => mode !== '120000'));
    return files.map(({ path, mode, content: own }) => {
      const { mode: storedMode, content } = stored.get(path) ?? { mode, content: own };
      if (typeof content === 'string') return { file: { path, mode: storedMode, oid: '', unknown: content } };
      return { file: { path, mode: storedMode, oid: blobId(content, objectFormat) }, content };
    });
  }

  const tree: WorkTree = {
    objectFormat,
    leftovers,
    // Each file was read: what is listed is little beside that.
    scan: (prefixes) => tree.list(prefixes),
    async list(prefixes) {
      const found = new Map<string, TreeFile>();
      let batch: DiskFile[] = [];
      let bytes = 0;
      const room = openRoom(batchBytes);
      const flush = async () => {
        for (const { file, content } of await identify(batch)) {
          found.set(file.path, file);
          if (content === undefined || kept + content.byteLength > batchBytes) continue;
          contents.set(file.path, Buffer.from(content));
          kept += content.byteLength;
        }
        batch = [];
        bytes = 0;
      };
      for (const prefix of prefixes.map((path) => path.replace(/\/+$/, ''))) {
        // git has nothing behind a link, and knows nothing of what another repository holds.
        if (obstaclesAt(root, pathAndParents(prefix).slice(0, -1)).length > 0) continue;
        for (const entry of entriesAt(root, prefix, leftovers)) {
          const { path } = entry;
          if (found.has(path)) continue;
          const known = listed.get(path);
          const read = known === undefined ? readEntry(diskPath(root, path), entry.kind, room) : undefined;
          const mode = shown(read?.kind ?? '100644');
          if (known !== undefined || read !== undefined) found.set(path, known ?? { path, mode, oid: '' });
          if (read?.content === undefined) continue;
          batch.push({ path, mode, content: read.content });
          bytes += read.content.byteLength;
          if (bytes >= batchBytes) await flush();
        }
      }
      await flush();
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
      const again = files.flatMap(({ path }): readonly DiskFile[] => {
        const { oid = '' } = listed.get(path) ?? {};
        if (oid === '' || contents.has(path)) return [];
        const file = diskPath(root, path);
        const { kind, content } = readEntry(file, kindOf(file)) ?? {};
        return kind === undefined || content === undefined ? [] : [{ path, mode: shown(kind), content }];
      });
      const read = new Map<string, Uint8Array>();
      for (const { file, content } of await identify(again)) {
        if (content !== undefined && file.oid === listed.get(file.path)?.oid) read.set(file.path, content);
      }
      return new Map(
        files.flatMap(({ path }) => {
          const content = contents.get(path) ?? read.get(path);
          return content === undefined ? [] : [[path, content] as const];
        }),
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

function shown(kind: Kind): TreeMode {
  return kind === 'special' ? '100644' : kind;
}
