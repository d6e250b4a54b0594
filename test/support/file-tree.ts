import { pathAndParents } from '../../src/git/commit-tree.ts';
import { blobId, type FileTree, type TreeFile, type TreeMode } from '../../src/model/tree.ts';

/** What stands at a path: text, bytes, or an entry that cannot be read as a file. */
export type MemoryEntry = string | Uint8Array | { readonly link: string } | 'submodule' | { readonly unreadable: true };

/** A tree that remembers what was asked of it. */
export interface MemoryTree extends FileTree {
  /** Every path whose content was read, in order. */
  readonly reads: readonly string[];
  /** Every folder that was listed, in order. */
  readonly listed: readonly string[];
}

export const submodule: MemoryEntry = 'submodule';
export const unreadable: MemoryEntry = { unreadable: true };

/** A tree held in memory that answers as a commit does. */
export function memoryTree(entries: Readonly<Record<string, MemoryEntry>>): MemoryTree {
  const reads: string[] = [];
  const listed: string[] = [];
  const files = Object.entries(entries)
    .map(([path, entry]): TreeFile => ({ path, mode: modeOf(entry), oid: blobId(contentOf(entry) ?? '', 'sha1') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const tree: MemoryTree = {
    objectFormat: 'sha1',
    reads,
    listed,
    scan: (prefixes) => tree.list(prefixes),
    async list(prefixes) {
      listed.push(...prefixes);
      return files.filter(({ path }) =>
        prefixes.some((prefix) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`)),
      );
    },
    async obstacles(paths) {
      const above = new Set(paths.flatMap(pathAndParents));
      return files.filter(({ path }) => above.has(path));
    },
    async read(wanted) {
      const contents = new Map<string, Uint8Array>();
      for (const { path } of wanted) {
        reads.push(path);
        const content = contentOf(entries[path] ?? unreadable);
        if (content !== undefined) contents.set(path, content);
      }
      return contents;
    },
  };
  return tree;
}

function modeOf(entry: MemoryEntry): TreeMode {
  if (entry === 'submodule') return '160000';
  return typeof entry === 'object' && 'link' in entry ? '120000' : '100644';
}

function contentOf(entry: MemoryEntry): Uint8Array | undefined {
  if (entry === 'submodule') return undefined;
  if (typeof entry === 'string') return Buffer.from(entry, 'utf8');
  if (entry instanceof Uint8Array) return entry;
  return 'link' in entry ? Buffer.from(entry.link, 'utf8') : undefined;
}
