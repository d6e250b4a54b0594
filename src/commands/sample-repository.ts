import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openGit } from '../git/git.ts';
import { exists } from '../runtime/file.ts';

/** What no commit may hold: the client's private key, what the sandbox serves in place of Athenz, and what an editor keeps of it. */
const ignored = '/certs/\n/athenz.yaml\n*.bak\n';
/** Whoever tries the sandbox need not have told git a name, and is not asked for a signature. */
const settings = [
  'user.name=athenz-gitops',
  'user.email=athenz-gitops@users.noreply.github.com',
  'commit.gpgSign=false',
];

/**
 * Makes the sandbox' folder a git repository with these files in its first commit, as `plan`, `sync` and `provision` read
 * a commit. One that is a repository already is left as it is, apart from a `.gitignore` that is missing.
 *
 * @param files absolute paths
 * @throws AppError `GIT_FAILED`
 */
export async function makeSampleRepository(
  dir: string,
  env: NodeJS.ProcessEnv,
  files: readonly string[],
): Promise<void> {
  const gitignore = join(dir, '.gitignore');
  if (!(await exists(gitignore))) await writeFile(gitignore, ignored);
  if (await exists(join(dir, '.git'))) return;
  const git = openGit(dir, env);
  const paths = [gitignore, ...files].map((file) => relative(dir, file));
  await git.run('making a repository', 'init', '--quiet', '--initial-branch=main');
  await git.run('adding files', 'add', '--', ...paths);
  const as = settings.flatMap((setting) => ['-c', setting]);
  await git.run('committing', ...as, 'commit', '--quiet', '--no-verify', '--message=Config and namespaces');
}
