import type { Git } from './git.ts';
import { readTrailers, trailerKeys } from './trailers.ts';

/**
 * What the last commit of this program for some scopes says of itself on a branch, whoever has committed since.
 *
 * @param tip commit id
 * @param scopes how their keys begin: letters and blanks
 * @returns undefined where there is none
 * @throws AppError `GIT_FAILED`
 */
export async function lastOwn(
  git: Git,
  tip: string,
  scopes: string,
): Promise<ReturnType<typeof readTrailers> | undefined> {
  const args = ['log', '-1', `--grep=^${trailerKeys.scope}: ${scopes}`, '--format=%(trailers:only,unfold)', tip, '--'];
  const said = await git.run('reading whose a branch is', ...args);
  return said.trim() === '' ? undefined : readTrailers(said);
}
