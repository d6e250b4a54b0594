import picomatch from 'picomatch';
import { branchFolder, isOwnWork } from '../git/branches.ts';
import type { Git } from '../git/git.ts';
import { exitCode } from '../model/error.ts';
import { visible } from '../report/visible.ts';
import { count } from '../report/words.ts';
import { outputFolders } from './assess.ts';
import { commitOf } from './commit-of.ts';
import type { CommonFlags, Io } from './io.ts';
import { openGitWorkspace, type Workspace } from './workspace.ts';

export interface GuardFlags extends Pick<CommonFlags, 'config' | 'quiet'> {
  readonly base: string;
  readonly head: string;
  readonly headRef?: string;
}

/**
 * `guard`: a check of pull requests. What lies in the output folders is changed by this program alone: on its own branch, in
 * its own commit. Reads the config of the work tree, which has to be that of the base, and nothing of the head but git's
 * objects.
 *
 * @returns the exit code
 */
export async function runGuard(io: Io, flags: GuardFlags): Promise<number> {
  const workspace = await openGitWorkspace(io, { ...flags, logLevel: 'info' });
  const { repository, config } = workspace;
  const { git } = repository;
  const [base, head] = [await commitOf(git, flags.base, '--base'), await commitOf(git, flags.head, '--head')];
  const owned = ownedPaths(workspace, await changedPaths(git, base, head));
  const say = (text: string) => (flags.quiet ? undefined : io.out(`${text}\n`));
  if (owned.length === 0) {
    say('No rendered file is changed.');
    return exitCode.done;
  }
  const ours = flags.headRef?.startsWith(branchFolder(config.forge.base)) === true;
  if (ours && (await isOwnWork(git, head, base, config.forge.commit.email))) {
    say(`${count(owned.length, 'rendered file')} changed, by athenz-gitops itself.`);
    return exitCode.done;
  }
  const shown = owned.slice(0, 50).map((path) => `  ${visible(path, 500)}\n`);
  const rest = owned.length > shown.length ? `  … and ${owned.length - shown.length} more\n` : '';
  const are = owned.length === 1 ? 'file that belongs' : 'files that belong';
  io.out(`${owned.length} ${are} to athenz-gitops would be changed by somebody else:\n${shown.join('')}${rest}`);
  io.out(
    'Take them out of the pull request. Change the Athenz role or the config instead, and sync will propose the rest.\n',
  );
  return exitCode.held;
}

/** What the head has changed since it left the base; of a file that moves both paths. */
async function changedPaths(git: Git, base: string, head: string): Promise<readonly string[]> {
  const args = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];
  const said = await git.run('comparing the two commits', ...args, `${base}...${head}`, '--');
  return said.split('\0').filter((path) => path !== '');
}

/** Those that lie in the output folders, or in the way of one. What the config keeps there for others is theirs. */
function ownedPaths(workspace: Workspace, paths: readonly string[]): readonly string[] {
  const folders = outputFolders(workspace);
  const kept = picomatch([...workspace.config.output.keep], { dot: true });
  const isOwned = (path: string) =>
    folders.some((folder) => path.startsWith(`${folder}/`) || folder === path || folder.startsWith(`${path}/`));
  return paths.filter((path) => isOwned(path) && (workspace.layout.clusterOf(path) !== undefined || !kept(path)));
}
