import { createHash, hash } from 'node:crypto';

/** git's modes of what a tree may hold: file, executable, link, submodule, folder. */
export type TreeMode = '100644' | '100755' | '120000' | '160000' | '040000';

export interface TreeFile {
  /** From the repository's root, `/` between the parts. */
  readonly path: string;
  readonly mode: TreeMode;
  /** git's id of the content, in the repository's object format; empty for what cannot be read. */
  readonly oid: string;
  /** Why its content is not known, where that is more than that this user may not read it. */
  readonly unknown?: string;
}

export type ObjectFormat = 'sha1' | 'sha256';

/**
 * Files as they are at one moment: of a commit, or of a work tree. Both the inventory and the current state of the
 * output are read through it, so that nothing after it knows where they came from.
 */
export interface FileTree {
  readonly objectFormat: ObjectFormat;
  /** All files at or below the given paths, sorted by path. A path that does not exist gives nothing. */
  list(prefixes: readonly string[]): Promise<readonly TreeFile[]>;
  /** As `list`, for tens of thousands of files: each is made when it is come to, in any number of passes. */
  scan(prefixes: readonly string[]): Promise<Iterable<TreeFile>>;
  /** Links and submodules that stand in the way of a path: entries at the path itself or above it. */
  obstacles(paths: readonly string[]): Promise<readonly TreeFile[]>;
  /** Contents by path, of files that `list` gave; links give their target's name. What cannot be read is left out. */
  read(files: readonly TreeFile[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** git's id of a blob: hash of `blob <size>\0` and the content. */
export function blobId(content: Uint8Array | string, format: ObjectFormat): string {
  if (typeof content === 'string') return hash(format, `blob ${Buffer.byteLength(content)}\0${content}`);
  return createHash(format).update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}
