import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { decodePath } from '../model/path.ts';
import type { TreeMode } from '../model/tree.ts';
import { diskPath } from './disk-path.ts';

/** Our own half-written files: a killed run may leave one; they are no files of the tree. */
const temporaryFile = /^\.athenz-gitops\.[0-9a-f-]+\.tmp$/;

/** What git makes of a folder with a repository of its own. */
export const submodule = '160000';

/** What there is at a path. `special`: a FIFO, a socket or a device, which git does not see and which may never end. */
export type Kind = TreeMode | 'special';

/** A file, a link or a submodule on disk. */
export interface DiskEntry {
  readonly path: string;
  /** Not set for a regular file that has not been opened yet. */
  readonly kind?: Exclude<Kind, '040000'>;
}

/**
 * Everything at or below a path that is no folder, in the order of names. Files are small and many: to wait for each costs more than to
 * read it.
 *
 * @param root absolute path of the folder that the path is relative to
 * @param leftovers half-written files of ours are put in here
 */
export function* entriesAt(root: string, path: string, leftovers: Set<string>): Generator<DiskEntry> {
  const kind = kindOf(diskPath(root, path));
  if (kind === '040000') yield* entriesIn(root, path, leftovers);
  else if (kind !== undefined) yield { path, kind };
}

function* entriesIn(root: string, path: string, leftovers: Set<string>): Generator<DiskEntry> {
  const entries = readdirSync(diskPath(root, path), { withFileTypes: true, encoding: 'buffer' })
    .map((entry) => ({ name: decodePath(entry.name), type: typeOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (path !== '' && entries.some(({ name }) => name === '.git')) {
    yield { path, kind: submodule };
    return;
  }
  for (const { name, type } of entries) {
    if (name === '.git') continue;
    const below = path === '' ? name : `${path}/${name}`;
    if (temporaryFile.test(name)) leftovers.add(below);
    else if (type === 'folder') yield* entriesIn(root, below, leftovers);
    else if (type === 'file') yield { path: below };
    else yield* entriesAt(root, below, leftovers);
  }
}

/** A file system need not say what an entry is, and of a link or a device more has to be asked. */
function typeOf(entry: Dirent<Buffer>): 'folder' | 'file' | 'other' {
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

export function kindOf(file: string | Buffer): Kind | undefined {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isSymbolicLink()) return '120000';
    if (stat.isDirectory()) return '040000';
    return stat.isFile() ? modeOf(stat.mode) : 'special';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A name that is too long for any file names none.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

function modeOf(bits: number): TreeMode {
  return bits & 0o100 ? '100755' : '100644';
}

/**
 * The content of an entry, and what it is; for a link its target.
 *
 * @param kind default: a regular file
 * @param room where contents are put, a few thousand in one piece of memory; default: each in its own
 * @returns without content what this user may not read, and what is no file: whoever asked for it has to say what that means; undefined
 *   for what is gone meanwhile
 */
export function readEntry(
  file: string | Buffer,
  kind?: Kind,
  room: Room = Buffer.allocUnsafeSlow,
): { readonly kind: Kind; readonly content?: Uint8Array } | undefined {
  if (kind === 'special' || kind === submodule || kind === '040000') return { kind };
  try {
    if (kind === '120000') return { kind, content: readlinkSync(file, { encoding: 'buffer' }) };
    return readRegular(file, room);
  } catch {
    const now = kind ?? kindOf(file);
    return now === undefined ? undefined : { kind: now };
  }
}

/** Gives so many bytes of memory. */
export type Room = (size: number) => Buffer;

/** Memory in large pieces: what is read into it goes with the last of its piece. @param pieceSize bytes */
export function openRoom(pieceSize: number): Room {
  let piece = Buffer.alloc(0);
  let used = 0;
  return (size) => {
    if (size > pieceSize / 4) return Buffer.allocUnsafeSlow(size);
    if (used + size > piece.byteLength) {
      piece = Buffer.allocUnsafeSlow(pieceSize);
      used = 0;
    }
    used += size;
    return piece.subarray(used - size, used);
  };
}

/** Neither follows a link nor waits for a FIFO that a file has become meanwhile. */
function readRegular(file: string | Buffer, room: Room): { readonly kind: Kind; readonly content?: Uint8Array } {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: 'special' };
    const kind = modeOf(stat.mode);
    // A byte more, by which one shows that grows meanwhile, or that has no size, as in /proc.
    const content = room(stat.size + 1);
    const length = readSync(descriptor, content, 0, content.byteLength, 0);
    if (length === stat.size) return { kind, content: content.subarray(0, length) };
    return { kind, content: readFileSync(file) };
  } finally {
    closeSync(descriptor);
  }
}
