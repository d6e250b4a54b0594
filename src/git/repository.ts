import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../model/error.ts';
import type { ObjectFormat } from '../model/tree.ts';
import { type Git, gitFailed, openGit } from './git.ts';
import { refuseOldGit } from './version.ts';

/** The repository that holds the config file. */
export interface Repository {
  readonly git: Git;
  /** Absolute path of its work tree's root. */
  readonly root: string;
  /** Absolute path of the folder with the refs, which all work trees of a repository share. */
  readonly gitDir: string;
  readonly objectFormat: ObjectFormat;
}

/** A commit that everything is read from, and how it was named. */
export interface Base {
  readonly commit: string;
  readonly branch: string;
}

/** Where changes go: a remote's name, or `null` for this repository itself. */
export type Remote = string | null;

/** The branches this program owns stand below this. */
export const branchPrefix = 'athenz-gitops';

/**
 * Opens the repository around a folder.
 *
 * @throws AppError `GIT_NOT_A_REPOSITORY`, `GIT_TOO_OLD`, or `GIT_FAILED` where git refuses to read it
 */
export async function openRepository(dir: string, env: NodeJS.ProcessEnv): Promise<Repository> {
  const [repository] = await Promise.all([findRepository(dir, env), refuseOldGit(openGit(dir, env))]);
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
 * As `openRepository`, with undefined where there is none, and where git is not installed.
 *
 * git looks for a repository in every folder on its way up, and takes one that holds `HEAD`, `objects` and `refs` for a bare
 * one, whose `config` can name programs to start. A commit can hold such files but no `.git`: only that counts here. git
 * itself opens what was found, so that its check of the owner (`safe.directory`) holds; from then on it is named.
 *
 * @throws AppError `GIT_FAILED` where git refuses to read it, as of another owner
 */
export async function findRepository(dir: string, env: NodeJS.ProcessEnv): Promise<Repository | undefined> {
  for (const root of await foldersWithGit(resolve(dir))) {
    const git = openGit(root, env, { ceiling: dirname(root) });
    const { code, stdout, stderr } = await git.feed(['rev-parse', ...asked]);
    if (code === 0) return repositoryOf(stdout.toString('utf8').trimEnd().split('\n'), env);
    if (!/not a git repository/.test(stderr)) throw gitFailed(`opening the git repository of ${dir}`, stderr);
  }
  return undefined;
}

const asked = ['--show-toplevel', '--absolute-git-dir', '--git-common-dir', '--show-object-format'];

function repositoryOf(answers: readonly string[], env: NodeJS.ProcessEnv): Repository {
  const [root = '', gitDir = '', commonDir = '', format] = answers;
  return {
    git: openGit(root, env, { gitDir }),
    root,
    gitDir: resolve(root, commonDir),
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
  };
}

/** The folders from here up that hold a `.git`: a folder, or a file as in a linked work tree. */
async function foldersWithGit(dir: string): Promise<readonly string[]> {
  const above = dirname(dir) === dir ? [] : await foldersWithGit(dirname(dir));
  const found = await lstat(join(dir, '.git')).catch(() => undefined);
  return found === undefined ? above : [dir, ...above];
}

/**
 * Brings the base branch, the bot's branches and their notes up to date from the remote, in one fetch, and resolves the base.
 *
 * @throws AppError `GIT_NO_COMMITS`, `GIT_BASE_NOT_FOUND`, or `GIT_FAILED` when the remote cannot be read
 */
export async function fetchBase(git: Git, branch: string, remote: Remote): Promise<Base> {
  await checkBranchName(git, branch);
  if (remote !== null) await fetchRefs(git, branch, remote);
  const ref = trackingRef(remote, branch);
  const commit = await git.ask('rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
  if (commit !== undefined && commit !== '') return { commit: commit.trim(), branch };
  if ((await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')) === undefined) {
    throw new AppError('GIT_NO_COMMITS', `reading the base branch ${branch}: the repository has no commits`, {
      next: 'commit the config and the namespace files first',
    });
  }
  throw new AppError('GIT_BASE_NOT_FOUND', `reading the base branch ${branch}: there is no ${ref}`, {
    next: 'set forge.base to the branch that changes are merged into',
  });
}

async function fetchRefs(git: Git, branch: string, remote: string): Promise<void> {
  const args = ['--quiet', '--no-tags', '--no-recurse-submodules', '--prune', '--no-write-fetch-head'];
  const specs = [
    `+refs/heads/${branch}:${trackingRef(remote, branch)}`,
    `+refs/heads/${branchPrefix}/${branch}/*:${trackingRef(remote, `${branchPrefix}/${branch}`)}/*`,
    `+refs/notes/${branchPrefix}/${branch}/*:refs/notes/${branchPrefix}/${branch}/*`,
  ];
  for (let tries = 1; ; tries++) {
    const { code, stderr } = await git.feed(['fetch', ...args, remote, ...specs]);
    if (code === 0) return;
    // Another fetch in this clone moved the same refs at the same time; there is nothing left to move then.
    if (!/cannot lock ref|Unable to create/.test(stderr) || tries === 3) throw fetchFailed(branch, remote, stderr);
  }
}

function fetchFailed(branch: string, remote: string, words: string): AppError {
  if (!words.includes("couldn't find remote ref")) {
    return gitFailed(`fetching ${branch} from ${remote}`, words, 'check forge.remote, the network and the credentials');
  }
  return new AppError('GIT_BASE_NOT_FOUND', `reading the base branch ${branch}: ${remote} does not have it`, {
    next: 'set forge.base to the branch that changes are merged into, or push it first',
  });
}

/** Where a branch is seen from here: itself, or its copy of the last fetch. */
export function trackingRef(remote: Remote, branch: string): string {
  return remote === null ? `refs/heads/${branch}` : `refs/remotes/${remote}/${branch}`;
}

/** @throws AppError `CONFIG_INVALID` when git would not take it for the name of a branch */
export async function checkBranchName(git: Git, branch: string): Promise<void> {
  // Names of these characters alone are fine, unless they end like a lock file: git-check-ref-format(1).
  if (/^\w[\w-]*([./][\w-]+)*$/.test(branch) && !/\.lock(\/|$)/.test(branch)) return;
  if (branch.startsWith('-') || (await git.ask('check-ref-format', `refs/heads/${branch}`)) === undefined) {
    throw new AppError('CONFIG_INVALID', `${JSON.stringify(branch)} is not a branch name that git accepts`, {
      next: 'correct forge.base',
    });
  }
}
