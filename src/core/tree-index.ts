import { blobId, type ObjectFormat, type TreeFile } from '../model/tree.ts';
import type { Desired, DesiredFile } from './decision.ts';

/** The files of a tree by their paths. */
export interface TreeIndex {
  at(path: string): TreeFile | undefined;
  /** Those at the path as a file system sees it that does not tell `A` from `a`: there they would be one. */
  folded(path: string): readonly TreeFile[];
  readonly files: readonly TreeFile[];
}

export function indexTree(files: readonly TreeFile[]): TreeIndex {
  const byFolded = new Map<string, TreeFile | TreeFile[]>();
  for (const file of files) {
    const key = file.path.toLowerCase();
    const known = byFolded.get(key);
    if (known === undefined) byFolded.set(key, file);
    else if (Array.isArray(known)) known.push(file);
    else byFolded.set(key, [known, file]);
  }
  const folded = (path: string) => {
    const found = byFolded.get(path.toLowerCase());
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  };
  return { files, folded, at: (path) => folded(path).find((file) => file.path === path) };
}

/** Files and links that stand where a folder would have to be: writing below them could leave the repository. */
export function filesAbove(path: string, index: TreeIndex): readonly TreeFile[] {
  const above: TreeFile[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    above.push(...index.folded(path.slice(0, end)));
  }
  return above;
}

/** Files at paths that differ from this one by case alone. */
export function twinsOf(path: string, index: TreeIndex): readonly TreeFile[] {
  return index.folded(path).filter((file) => file.path !== path);
}

/** How texts are told from files by git's ids. */
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
export function holdsOne(file: TreeFile | undefined, oids: readonly string[]): boolean {
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
  return files.every(({ path }) => index.folded(path).length === 1 && filesAbove(path, index).length === 0);
}
