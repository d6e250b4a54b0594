import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../model/error.ts';
import type { ObjectFormat } from '../model/tree.ts';
import { gitFailed } from './failure.ts';
import { type Git, openGit } from './git.ts';
import { refuseOldGit } from './version.ts';

/** The repository that holds the config file. */
export interface Repository {
  readonly git: Git;
  /** Absolute path of its work tree's root. */
  readonly root: string;
  /** Absolute path of the folder with the refs, which all work trees of a repository share. */
  readonly gitDir: string;
  readonly objectFormat: ObjectFormat;
  /** The commit of HEAD; not set before the first one. */
  readonly head?: string;
}

/**
 * Opens the repository around a folder.
 *
 * @param stop once aborted, its git starts nothing more
 * @throws AppError `GIT_NOT_A_REPOSITORY`, `GIT_TOO_OLD`, or `GIT_FAILED` where git refuses to read it
 */
export async function openRepository(dir: string, env: NodeJS.ProcessEnv, stop?: AbortSignal): Promise<Repository> {
  const [repository] = await Promise.all([findRepository(dir, env, stop), refuseOldGit(openGit(dir, env))]);
  if (repository !== undefined) return repository;
  throw new AppError(
    'GIT_NOT_A_REPOSITORY',
    `opening the git repository of ${dir}: there is no .git in it or above it`,
    {
      next: 'keep the config file in the repository that holds the namespaces, or run git init there',
    },
  );
}

/**
 * As `openRepository`, with undefined where there is none.
 *
 * git looks for a repository in every folder on its way up, and takes one that holds `HEAD`, `objects` and `refs` for a bare
 * one, whose `config` can name programs to start. A commit can hold such files but no `.git`: only that counts here. git
 * itself opens what was found, so that its check of the owner (`safe.directory`) holds; from then on it is named.
 *
 * @throws AppError `GIT_FAILED` where git refuses to read it, as of another owner
 */
export async function findRepository(
  dir: string,
  env: NodeJS.ProcessEnv,
  stop?: AbortSignal,
): Promise<Repository | undefined> {
  for (const root of await foldersWithGit(resolve(dir))) {
    const git = openGit(root, env, { ceiling: dirname(root) });
    const { code, stdout, stderr } = await git.feed(['rev-parse', ...asked]);
    if (code === 0) return repositoryOf(stdout.toString('utf8').trimEnd().split('\n'), env, stop);
    if (!/not a git repository/.test(stderr)) throw gitFailed(`opening the git repository of ${dir}`, stderr);
  }
  return undefined;
}

/** `--revs-only`: nothing is said of a HEAD that has no commit yet. */
const asked = [
  '--show-toplevel',
  '--absolute-git-dir',
  '--git-common-dir',
  '--show-object-format',
  '--revs-only',
  'HEAD',
];

function repositoryOf(answers: readonly string[], env: NodeJS.ProcessEnv, stop: AbortSignal | undefined): Repository {
  const [root = '', gitDir = '', commonDir = '', format, head] = answers;
  return {
    git: openGit(root, env, { gitDir, stop }),
    root,
    gitDir: resolve(root, commonDir),
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    ...(head === undefined ? {} : { head }),
  };
}

/** The folders from here up that hold a `.git`: a folder, or a file as in a linked work tree. */
async function foldersWithGit(dir: string): Promise<readonly string[]> {
  const above = dirname(dir) === dir ? [] : await foldersWithGit(dirname(dir));
  const found = await lstat(join(dir, '.git')).catch(() => undefined);
  return found === undefined ? above : [dir, ...above];
}
