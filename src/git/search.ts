import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';

/**
 * The files of a commit that hold one of some words, by path: one `git grep` in the commit itself, nothing is checked out.
 *
 * @param among pathspecs: where it may be; each blob there is read
 * @param except files and folders that are left out
 * @throws AppError `GIT_FAILED`
 */
export async function filesHolding(
  git: Git,
  commit: string,
  words: readonly string[],
  { among, except }: { readonly among: readonly string[]; readonly except: readonly string[] },
): Promise<readonly string[]> {
  const args = [
    '--files-with-matches',
    '-z',
    '--fixed-strings',
    '--no-color',
    '--no-recurse-submodules',
    '--full-name',
  ];
  const left = except.map((path) => `:(exclude,top,literal)${path}`);
  const { code, stdout, stderr } = await git.feed([
    'grep',
    ...args,
    ...words.flatMap((word) => ['-e', word]),
    commit,
    '--',
    ...among,
    ...left,
  ]);
  // git-grep(1): 1 when nothing matches.
  if (code > 1) throw gitFailed(`searching ${commit} for ${words.join(', ')}`, stderr);
  const prefix = `${commit}:`;
  const paths = stdout.toString('utf8').split('\0');
  return paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
}
