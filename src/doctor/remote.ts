import { randomUUID } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { branchPrefix } from '../git/base-refs.ts';
import { withToken } from '../git/credential.ts';
import { gitFailed } from '../git/failure.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { verifying } from '../git/verification.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { siteOfRemote } from '../propose/remote-site.ts';
import { readCaFile } from '../runtime/ca.ts';
import { checkOwners, listBotBranches } from './branches.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, findingsOf, hasError, ok, skipped, warning } from './finding.ts';
import { checkRemoteName } from './remote-name.ts';

/**
 * Where branches go: whether it is there, has the base, and takes a push. Nothing is fetched, and the push is a dry run.
 *
 * @param token for a remote over HTTP; undefined where git has its own ways
 */
export async function checkRemote(
  context: DoctorContext,
  repository: Repository,
  token: string | undefined,
): Promise<readonly Finding[]> {
  const { workspace, io } = context;
  const { remote, base } = workspace.config.forge;
  const owners = (git: Git) =>
    findingsOf('branches', async () => checkOwners(context, repository, await listBotBranches(git, remote, base)));
  if (remote === null) return [await checkRefs(repository), ...(await owners(repository.git))];
  if ((await repository.git.ask('remote', 'get-url', '--', remote)) === undefined) {
    const message = `there is no remote ${remote}`;
    return [error('remote', message, `git remote add ${remote} URL, or correct forge.remote`)];
  }
  const misnamed = await checkRemoteName(workspace);
  if (misnamed.length > 0) return [...misnamed, skipped('push', 'fix the remote first')];
  const { caPath } = workspace.config.forge;
  if (caPath !== null) await readCaFile(caPath, 'forge.caPath');
  const verified = await verifying(repository.git, io.env);
  const site = () => siteOfRemote(verified.git, remote, workspace.config, io.env);
  const { redirects } = verified;
  const git =
    token === undefined ? verified.git : withToken(verified.git, { remote, site: await site(), redirects }, token);
  const reached = [
    ...verified.ignored.map((name) =>
      warning('tls', `${name} is ignored: certificates are always verified`, `unset it`),
    ),
    ...(await findingsOf('remote', () => checkBranches(git, remote, base))),
  ];
  if (hasError(reached)) return [...reached, skipped('push', 'fix the remote first')];
  const push = await findingsOf('push', async () => [await checkPush(git, remote, base)]);
  return [...reached, ...(await owners(git)), ...push];
}

/** Branches that are made right here. */
async function checkRefs({ gitDir }: Repository): Promise<Finding> {
  try {
    await access(gitDir, constants.W_OK);
    return ok('push', 'branches are written into this repository: forge.remote is not set');
  } catch (thrown) {
    return error('push', `${gitDir} cannot be written: ${reasonOf(thrown)}`, 'give this user write access');
  }
}

async function checkBranches(git: Git, remote: string, base: string): Promise<readonly Finding[]> {
  const inTheWay = [branchPrefix, `${branchPrefix}/${base}`].map((name) => `refs/heads/${name}`);
  const wanted = [`refs/heads/${base}`, ...inTheWay];
  const { code, stdout, stderr } = await git.feed(['ls-remote', '--heads', '--', remote, ...wanted]);
  if (code !== 0) throw gitFailed(`reading ${remote}`, stderr, 'check forge.remote, the network and the credentials');
  const there = new Map(
    stdout
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([commit = '', ref = '']) => [ref, commit] as const),
  );
  const commit = there.get(`refs/heads/${base}`);
  if (commit === undefined) {
    const next = 'set forge.base to the branch that changes are merged into, or push it first';
    throw new AppError('GIT_BASE_NOT_FOUND', `${remote} has no branch ${base}`, { next });
  }
  const obstacles = inTheWay.filter((ref) => there.has(ref)).map((ref) => ref.replace('refs/heads/', ''));
  return [
    ok('remote', `${remote} is reachable`),
    ok('base', `branch ${base} at ${commit.slice(0, 12)}`),
    ...obstacles.map((name) => {
      const message = `the branch ${name} of ${remote} conflicts with ${branchPrefix}/${base}/…`;
      return error('branches', message, `rename it: git cannot create branches below it`);
    }),
  ];
}

/** Asks to make a branch that does not exist, and does not make it. */
async function checkPush(git: Git, remote: string, base: string): Promise<Finding> {
  const source = await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (source === undefined) return skipped('push', 'this repository has no commit to test it with');
  const branch = `${branchPrefix}/${base}/doctor-${randomUUID()}`;
  const alone = ['--no-verify', '--no-follow-tags', '--recurse-submodules=no', '--no-signed'];
  const args = ['push', '--dry-run', '--porcelain', ...alone, '--', remote, `${source.trim()}:refs/heads/${branch}`];
  const { code, stderr } = await git.feed(args);
  if (code === 0) return ok('push', `allowed below ${branchPrefix}/ (rules of the server show at a real push only)`);
  throw gitFailed(`pushing to ${remote} (a dry run)`, stderr, 'give the credentials write access to the repository');
}
