import { AppError } from '../model/error.ts';
import { type BaseRefs, branchFolder, listBaseRefs, noteRef, type Remote, trackingRef } from './base-refs.ts';
import { gitFailed, missingRemote } from './failure.ts';
import type { Git } from './git.ts';

/**
 * Brings the base branch, the bot's branches and their notes up to date from the remote, in one fetch, and lists them.
 *
 * @throws AppError `GIT_NO_COMMITS`, `GIT_BASE_NOT_FOUND`, or `GIT_FAILED` when the remote cannot be read
 */
export async function fetchBase(git: Git, branch: string, remote: Remote): Promise<BaseRefs> {
  await checkBranchName(git, branch);
  if (remote !== null) await fetchRefs(git, branch, remote);
  const refs = await listBaseRefs(git, branch, remote);
  if (refs !== undefined) return refs;
  if ((await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')) === undefined) {
    throw new AppError('GIT_NO_COMMITS', `reading the base branch ${branch}: the repository has no commits`, {
      next: 'commit the config and the namespace files first',
    });
  }
  throw new AppError(
    'GIT_BASE_NOT_FOUND',
    `reading the base branch ${branch}: there is no ${trackingRef(remote, branch)}`,
    {
      next: 'set forge.base to the branch that changes are merged into',
    },
  );
}

async function fetchRefs(git: Git, branch: string, remote: string): Promise<void> {
  const ours = branchFolder(branch);
  const words = await fetchSpecs(git, remote, [
    `+refs/heads/${branch}:${trackingRef(remote, branch)}`,
    `+refs/heads/${ours}*:${trackingRef(remote, ours)}*`,
    `+${noteRef(ours)}*:${noteRef(ours)}*`,
  ]);
  if (words !== undefined) throw fetchFailed(branch, remote, words);
}

/** Fetches refs, and forgets those of a pattern that are gone. @returns what git said where it could not */
export async function fetchSpecs(git: Git, remote: string, specs: readonly string[]): Promise<string | undefined> {
  const args = ['--quiet', '--no-tags', '--no-recurse-submodules', '--prune', '--no-write-fetch-head'];
  for (let tries = 1; ; tries++) {
    const { code, stderr } = await git.feed(['fetch', ...args, remote, ...specs]);
    if (code === 0) return undefined;
    // Another fetch in this clone moved the same refs at the same time; there is nothing left to move then.
    if (!/cannot lock ref|Unable to create/.test(stderr) || tries === 3) return stderr;
  }
}

/** Whether a fetch failed because the remote does not have a branch that was named. */
export function isMissing(words: string): boolean {
  return words.includes("couldn't find remote ref");
}

function fetchFailed(branch: string, remote: string, words: string): AppError {
  if (words.includes(`'${remote}' does not appear to be a git repository`)) return missingRemote(remote);
  if (!isMissing(words)) {
    return gitFailed(`fetching ${branch} from ${remote}`, words, 'check forge.remote, the network and the credentials');
  }
  return new AppError('GIT_BASE_NOT_FOUND', `reading the base branch ${branch}: ${remote} does not have it`, {
    next: 'set forge.base to the branch that changes are merged into, or push it first',
  });
}

/** @param setting of the config, for the error @throws AppError `CONFIG_INVALID` when git would not take it for the name of a branch */
export async function checkBranchName(git: Git, branch: string, setting = 'forge.base'): Promise<void> {
  // Names of these characters alone are fine, unless they end like a lock file: git-check-ref-format(1).
  if (/^\w[\w-]*([./][\w-]+)*$/.test(branch) && !/\.lock(\/|$)/.test(branch)) return;
  if (branch.startsWith('-') || (await git.ask('check-ref-format', `refs/heads/${branch}`)) === undefined) {
    throw new AppError('CONFIG_INVALID', `${JSON.stringify(branch)} is not a branch name that git accepts`, {
      next: `correct ${setting}`,
    });
  }
}
