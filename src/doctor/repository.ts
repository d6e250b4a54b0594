import { relative } from 'node:path';
import { checkBranchName } from '../git/fetch.ts';
import { findLeftovers } from '../git/leftovers.ts';
import { isTooOld, oldestGit } from '../git/oldest-git.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { isShallow } from '../git/shallow.ts';
import { gitVersion } from '../git/version.ts';
import { AppError } from '../model/error.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, findingOf, findingsOf, hasError, ok, warning } from './finding.ts';

/** git itself, and the repository that holds the config. */
export async function checkRepository(context: DoctorContext): Promise<readonly Finding[]> {
  const { workspace, io } = context;
  const { repository, root } = workspace;
  if (repository === undefined) {
    // Says why there is none.
    return findingsOf('git', async () => {
      await openRepository(root, io.env);
      return [];
    });
  }
  const version = await findingsOf('git', async () => [await checkVersion(repository)]);
  if (hasError(version)) return version;
  return [
    ...version,
    await findingOf('history', () => checkDepth(repository)),
    ...(await findingsOf('base', () => checkBase(context, repository))),
    ...(await findingsOf('locks', () => checkLocks(context, repository))),
  ];
}

async function checkVersion({ git, root }: Repository): Promise<Finding> {
  const said = await gitVersion(git);
  if (!isTooOld(said)) return ok('git', `${said}, repository ${root}`);
  return error('git', `${said} is too old: plan and sync need ${oldestGit}`, `install git ${oldestGit} or newer`);
}

async function checkDepth({ git }: Repository): Promise<Finding> {
  if (!(await isShallow(git))) return ok('history', 'whole');
  const message = 'shallow clone: cannot detect foreign commits on proposed branches, or where a grant came from';
  return warning('history', message, 'set fetch-depth: 0 for actions/checkout, or run git fetch --unshallow');
}

/** Of a repository that is its own target; a remote's is asked for there. */
async function checkBase({ workspace }: DoctorContext, { git }: Repository): Promise<readonly Finding[]> {
  const { base, remote } = workspace.config.forge;
  await checkBranchName(git, base);
  if (remote !== null) return [];
  const commit = await git.ask('rev-parse', '--verify', '--quiet', `refs/heads/${base}^{commit}`);
  if (commit !== undefined) return [ok('base', `branch ${base} at ${commit.slice(0, 12)}`)];
  const fix = 'commit to it, or set forge.base to the branch that changes are merged into';
  throw new AppError('GIT_BASE_NOT_FOUND', `there is no branch ${base}`, { next: fix });
}

async function checkLocks({ workspace, io }: DoctorContext, { gitDir, root }: Repository): Promise<readonly Finding[]> {
  const { base, remote } = workspace.config.forge;
  const files = await findLeftovers({ gitDir, base, remote }, io.clock.now());
  return files.map((file) => {
    const message = `${relative(root, file)} was left behind by a killed git process`;
    return warning('locks', message, 'the next plan or sync removes it; or delete it when no git is running');
  });
}
