import { type Git, gitFailed } from './git.ts';

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
  const { code, stdout, stderr } = await git.feed(['cat-file', '--batch'], [names.map((name) => `${name}\n`).join('')]);
  if (code !== 0) throw gitFailed(doing, stderr);
  let offset = 0;
  return names.map(() => {
    // `<oid> <type> <size>\n<content>\n`, git-cat-file(1); `<name> missing\n` otherwise.
    const end = stdout.indexOf(10, offset);
    const [, type, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('latin1', offset, end)) ?? [];
    offset = end + 1;
    if (type === undefined) return undefined;
    const content = stdout.subarray(offset, offset + Number(size));
    offset += Number(size) + 1;
    return { type, content };
  });
}
