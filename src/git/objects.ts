import type { Git } from './git.ts';

/** An object of a repository. */
export interface GitObject {
  readonly type: string;
  readonly content: Uint8Array;
}

/**
 * Reads objects by name, as `<oid>` or `<commit>:<path>`, with one `cat-file --batch`.
 *
 * @returns in the order of the names; undefined for what is not there
 * @throws AppError `GIT_FAILED`
 */
export async function readObjects(
  git: Git,
  doing: string,
  names: readonly string[],
): Promise<readonly (GitObject | undefined)[]> {
  if (names.length === 0) return [];
  const stdout = await git.read(doing, ['cat-file', '--batch'], linesOf(names));
  let offset = 0;
  return names.map(() => {
    // `<head>\n<content>\n`.
    const end = stdout.indexOf(10, offset);
    const head = parseHead(stdout.toString('latin1', offset, end));
    offset = end + 1;
    if (head === undefined) return undefined;
    const content = stdout.subarray(offset, offset + head.size);
    offset += head.size + 1;
    return { type: head.type, content };
  });
}

/** An object whose size was asked for first. */
export type SizedObject = GitObject | 'too large';

/**
 * As `readObjects`, for objects whose size others choose: their sizes are asked first, and none above the bound is read.
 *
 * @param maxBytes of one object
 * @throws AppError `GIT_FAILED`
 */
export async function readSmallObjects(
  git: Git,
  doing: string,
  names: readonly string[],
  maxBytes: number,
): Promise<readonly (SizedObject | undefined)[]> {
  if (names.length === 0) return [];
  const stdout = await git.read(doing, ['cat-file', '--batch-check'], linesOf(names));
  const checked = stdout.toString('latin1').split('\n').map(parseHead);
  const small = checked.flatMap((it) => (it !== undefined && it.size <= maxBytes ? [it.oid] : []));
  const read = new Map((await readObjects(git, doing, small)).map((object, index) => [small[index], object]));
  return names.map((_, index) => {
    const head = checked[index];
    return head !== undefined && head.size > maxBytes ? 'too large' : read.get(head?.oid);
  });
}

/** What a command reads from its input, a line each. */
export function linesOf(texts: readonly string[]): readonly string[] {
  return [texts.map((text) => `${text}\n`).join('')];
}

/** `<oid> <type> <size>`, git-cat-file(1); undefined for `<name> missing`. */
function parseHead(line: string): { readonly oid: string; readonly type: string; readonly size: number } | undefined {
  const [, oid = '', type = '', size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(line) ?? [];
  return size === undefined ? undefined : { oid, type, size: Number(size) };
}
