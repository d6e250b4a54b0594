import { decodePath } from '../model/path.ts';
import type { Git } from './git.ts';
import { linesOf } from './objects.ts';

/** A path that differs, and what is there before and after: mode and object id, zeros for nothing. */
export interface Difference {
  readonly path: string;
  /** Of a merge: in its first parent. */
  readonly before: string;
  readonly after: string;
}

/** Whether there is nothing at the path, before or after. */
export function isNothing(side: string): boolean {
  return /^[0 ]+$/.test(side);
}

/** A commit, and the paths in which it differs from its parent; a merge: from all of its parents. */
export interface Touched {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly differences: readonly Difference[];
}

/** Raw, with the names as they are; a moved file counts with both of its paths. */
const form = ['-r', '--raw', '--no-abbrev', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];

/** Identifies a difference by its path and what is there afterwards. */
export function differenceKey({ path, after }: Pick<Difference, 'path' | 'after'>): string {
  return `${after} ${path}`;
}

/**
 * The paths in which two trees differ.
 *
 * @param before commit or tree id
 * @param after commit or tree id
 * @throws AppError `GIT_FAILED`
 */
export async function differences(git: Git, before: string, after: string): Promise<readonly Difference[]> {
  const stdout = await git.read(`comparing ${before} and ${after}`, ['diff-tree', ...form, before, after]);
  return parseRaw(decodePath(stdout).split('\0')).flatMap((it) => ('path' in it ? [it] : []));
}

/**
 * The commits of a range that touch a path, newest first, no parent before its child. Of a merge counts what it took from none of its parents (its
 * combined diff): what it took from one of them shows in the merge with the base.
 *
 * @param head commit id
 * @param base commit id; what it has is not looked at
 * @param wanted the paths of interest
 * @throws AppError `GIT_FAILED`
 */
export async function touchedBetween(
  git: Git,
  base: string,
  head: string,
  wanted: (path: string) => boolean,
): Promise<readonly Touched[]> {
  const listed = await git.run('listing commits', 'rev-list', '--topo-order', '--parents', head, `^${base}`, '--');
  const parents = new Map(
    listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([commit = '', ...rest]) => [commit, rest]),
  );
  if (parents.size === 0) return [];
  const args = ['diff-tree', '--stdin', '--root', '-c', ...form];
  const stdout = await git.read('reading what commits change', args, linesOf([...parents.keys()]));
  const touched: {
    readonly commit: string;
    readonly parents: readonly string[];
    readonly differences: Difference[];
  }[] = [];
  for (const it of parseRaw(decodePath(stdout).split('\0'))) {
    if ('commit' in it) touched.push({ commit: it.commit, parents: parents.get(it.commit) ?? [], differences: [] });
    else if (wanted(it.path)) touched.at(-1)?.differences.push(it);
  }
  return touched.filter((it) => it.differences.length > 0);
}

/**
 * `<commit>` and `:<mode> <mode> <oid> <oid> <status>`, `<path>`, each ended by a NUL; of a merge with as many colons, and
 * modes and ids before, as it has parents (git-diff-tree(1), "diff format for merges").
 */
function parseRaw(texts: readonly string[]): readonly (Difference | { readonly commit: string })[] {
  const found: (Difference | { readonly commit: string })[] = [];
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at] ?? '';
    const sides = /^:*/.exec(text)?.[0].length ?? 0;
    if (sides > 0) {
      const fields = text.slice(sides).split(' ');
      const [before, after] = [`${fields[0]} ${fields[sides + 1]}`, `${fields[sides]} ${fields[2 * sides + 1]}`];
      found.push({ path: texts[at + 1] ?? '', before, after });
      at++;
    } else if (text !== '') found.push({ commit: text });
  }
  return found;
}
