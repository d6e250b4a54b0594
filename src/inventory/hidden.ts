import { posix } from 'node:path';
import type { FileTree, TreeFile } from '../model/tree.ts';

/** What is at a path in place of a file that can be read; undefined for a file. */
export function whyHidden({ mode }: TreeFile): string | undefined {
  if (mode === '120000') return 'it is a link, which is not followed';
  return mode === '160000' ? 'it is a submodule, whose files are in another repository' : undefined;
}

/** More of a link's text, and more links at once, than an argument list may hold are not looked up. */
const most = { length: 500, depth: 32, links: 50 };

/**
 * Of links and submodules those that may stand for a folder whose files the tree does not have: all but the links that lead to
 * a file of the tree. If it were ignored, it would look as if what is behind them had left.
 */
export async function hidingFolders(tree: FileTree, entries: readonly TreeFile[]): Promise<readonly TreeFile[]> {
  const links = entries.filter(({ mode }) => mode === '120000');
  const contents = links.length === 0 ? new Map<string, Uint8Array>() : await tree.read(links);
  const targets = new Map(links.map((link) => [link, targetOf(link, contents.get(link.path))]));
  const wanted = [...new Set(targets.values())].filter((path) => path !== undefined);
  const plain = new Set<string | undefined>();
  for (let at = 0; at < wanted.length; at += most.links) {
    for (const { path, mode } of await tree.obstacles(wanted.slice(at, at + most.links)))
      if (mode === '100644' || mode === '100755') plain.add(path);
  }
  return entries.filter((entry) => !plain.has(targets.get(entry)));
}

/** Where a link leads, from the root; undefined where that is outside of it, or unknown. */
function targetOf({ path }: TreeFile, content: Uint8Array | undefined): string | undefined {
  if (content === undefined || content.byteLength > most.length) return undefined;
  const to = Buffer.from(content).toString('utf8');
  const target = posix.join(posix.dirname(path), to);
  const isInside = to !== '' && !to.startsWith('/') && !to.includes('\0') && !/^\.\.?(\/|$)|\/$/.test(target);
  return isInside && target.split('/').length <= most.depth ? target : undefined;
}
