import { decodePath } from '../model/path.ts';
import type { Git } from './git.ts';

/** What merging two commits makes. */
export type Merge =
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflicted'; readonly paths: readonly string[] }
  /** git could not merge at all: unrelated histories, or objects that are missing. */
  | { readonly kind: 'failed'; readonly words: string };

/**
 * Merges two commits as a forge does, with all of their merge bases. Writes objects, and no ref (git-merge-tree(1)).
 *
 * @param ours commit id
 * @param theirs commit id
 * @param settings of git, for this merge
 */
export async function mergeTree(
  git: Git,
  ours: string,
  theirs: string,
  ...settings: readonly string[]
): Promise<Merge> {
  const args = ['--write-tree', '-z', '--name-only', '--no-messages'];
  const { code, stdout, stderr } = await git.feed([
    ...settings.flatMap((it) => ['-c', it]),
    'merge-tree',
    ...args,
    ours,
    theirs,
  ]);
  const [tree = '', ...paths] = decodePath(stdout).split('\0').slice(0, -1);
  if (code === 0 && tree !== '') return { kind: 'clean', tree };
  if (code === 1 && tree !== '') return { kind: 'conflicted', paths };
  return { kind: 'failed', words: stderr };
}
