import { listTexts } from '../model/text-list.ts';
import { numberTexts } from '../model/text-numbers.ts';
import { blobId, type ObjectFormat, type TreeFile } from '../model/tree.ts';
import type { Desired, DesiredFile } from './decision.ts';

/** The files of a tree by their paths; each is made when it is asked for. */
export interface TreeIndex {
  at(path: string): TreeFile | undefined;
  /** Those at the path as a file system sees it that does not tell `A` from `a`: there they would be one. */
  folded(path: string): readonly TreeFile[];
  /** How many those are. */
  count(path: string): number;
  /** Whether a regular file of one of these ids is at the path. */
  holds(path: string, oids: readonly string[]): boolean;
  /** The files of some paths, in the order they came. */
  where(isMeant: (path: string) => boolean): readonly TreeFile[];
}

const none: readonly number[] = [];

/** Indexes files so that each of tens of thousands takes a few bytes. */
export function indexTree(files: Iterable<TreeFile>): TreeIndex {
  /** Paths as a file system that folds case has them; and by their numbers, the files there. */
  const folded = numberTexts();
  const first: number[] = [];
  const others = new Map<number, readonly number[]>();
  /** By the number of the file: that of its folded path, its path where that is another text, and what else is known of it. */
  const keys: number[] = [];
  const cased = new Map<number, string>();
  const modes: TreeFile['mode'][] = [];
  const oids = listTexts();
  const unknown = new Map<number, string>();
  for (const { path, mode, oid, unknown: why } of files) {
    const file = keys.length;
    const lower = path.toLowerCase();
    const key = folded.add(lower);
    if (key === first.length) first.push(file);
    else others.set(key, [...(others.get(key) ?? []), file]);
    keys.push(key);
    if (lower !== path) cased.set(file, path);
    modes.push(mode);
    oids.push(oid);
    if (why !== undefined) unknown.set(file, why);
  }

  const pathAt = (file: number) => cased.get(file) ?? folded.at(keys[file] ?? -1);
  const fileAt = (file: number): TreeFile => {
    const why = unknown.get(file);
    const known = { path: pathAt(file), mode: modes[file] ?? '100644', oid: oids.at(file) };
    return why === undefined ? known : { ...known, unknown: why };
  };
  const filesAt = (path: string): readonly number[] => {
    const key = folded.find(path.toLowerCase());
    return key === undefined ? none : [first[key] ?? -1, ...(others.get(key) ?? none)];
  };
  const find = (path: string) => {
    // One without a path of its own has the folded one.
    const lower = path.toLowerCase();
    return filesAt(path).find((file) => (cased.get(file) ?? lower) === path);
  };
  return {
    at(path) {
      const file = find(path);
      return file === undefined ? undefined : fileAt(file);
    },
    folded: (path) => filesAt(path).map(fileAt),
    count: (path) => filesAt(path).length,
    holds(path, ids) {
      const file = find(path);
      return file !== undefined && modes[file] === '100644' && ids.some((oid) => oids.is(file, oid));
    },
    where(isMeant) {
      const found: TreeFile[] = [];
      for (let file = 0; file < keys.length; file++) if (isMeant(pathAt(file))) found.push(fileAt(file));
      return found;
    },
  };
}

/** Files and links that stand where a folder would have to be: writing below them could leave the repository. */
export function filesAbove(path: string, index: TreeIndex): readonly TreeFile[] {
  return foldersOf(path).flatMap(index.folded);
}

/** `a/b/c` → `a/b`, `a`. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end));
  return folders;
}

/** Files at paths that differ from this one by case alone. */
export function twinsOf(path: string, index: TreeIndex): readonly TreeFile[] {
  return index.folded(path).filter((file) => file.path !== path);
}

/** How texts are compared with files by git's ids. */
export interface BlobIds {
  readonly format: ObjectFormat;
  /** A text as an earlier version would have written it; not set where none wrote another. */
  readonly former?: (text: string) => string;
}

/** Whether a file holds a text, or what an earlier version would have written for it: such a file is not rewritten. */
export function hasText(file: TreeFile, desired: NonNullable<DesiredFile['rendered']>, ids: BlobIds): boolean {
  return (
    holdsOne(file, [desired.oid]) || (ids.former !== undefined && holdsOne(file, [formerId(desired, desired.oid, ids)]))
  );
}

/** git's id of a text as an earlier version would have written it. */
export function formerId(desired: { readonly text: string }, oid: string, { former, format }: BlobIds): string {
  return former === undefined ? oid : blobId(former(desired.text), format);
}

/** Whether there is a regular file of one of these ids. */
function holdsOne(file: TreeFile | undefined, oids: readonly string[]): boolean {
  return file?.mode === '100644' && oids.includes(file.oid);
}

/** Paths of a unit's files that are there to the byte. */
export function filesThere({ files }: Desired, index: TreeIndex, ids: BlobIds): ReadonlySet<string> {
  const there = files.filter(({ path, rendered }) => {
    const file = index.at(path);
    return file !== undefined && rendered !== undefined && hasText(file, rendered, ids);
  });
  return new Set(there.map(({ path }) => path));
}

/** Whether nothing stands in the way of a unit's files. */
export function isFree({ files }: { readonly files: readonly { readonly path: string }[] }, index: TreeIndex): boolean {
  return files.every(
    ({ path }) => index.count(path) === 1 && !foldersOf(path).some((folder) => index.count(folder) > 0),
  );
}
