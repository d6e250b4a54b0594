import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';

/**
 * The files of a commit that hold a word, by path: one `git grep` in the commit itself, nothing is checked out.
 *
 * @throws AppError `GIT_FAILED`
 */
export async function filesHolding(git: Git, commit: string, word: string): Promise<readonly string[]> {
  const args = [
    '--files-with-matches',
    '-z',
    '--fixed-strings',
    '--no-color',
    '--no-recurse-submodules',
    '--full-name',
  ];
  const { code, stdout, stderr } = await git.feed(['grep', ...args, '-e', word, commit, '--']);
  // git-grep(1): 1 when nothing matches.
  if (code > 1) throw gitFailed(`searching ${commit} for ${word}`, stderr);
  const prefix = `${commit}:`;
  const paths = stdout.toString('utf8').split('\0');
  return paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
}
