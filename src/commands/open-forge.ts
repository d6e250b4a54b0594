import type { Forge } from '../forge/forge.ts';
import { remoteUrl, withToken } from '../git/credential.ts';
import { openGit } from '../git/git.ts';
import type { Log } from '../report/log.ts';
import type { Io } from './io.ts';
import type { GitWorkspace } from './workspace.ts';

/** Where pull requests go, and a workspace whose git may fetch and push there. */
export interface OpenForge {
  readonly workspace: GitWorkspace;
  /** Undefined where branches are all there is. */
  readonly forge?: Forge;
}

/**
 * The workspace with a git that may fetch from GitHub, where there is a token; without one git has to know a way itself, as
 * after `actions/checkout`.
 */
export async function withRemoteAccess(io: Io, workspace: GitWorkspace, log: Log): Promise<GitWorkspace> {
  if (!io.env['GITHUB_TOKEN'] && !io.env['GITHUB_APP_PRIVATE_KEY']) return workspace;
  return (await openForge(io, workspace, log)).workspace;
}

/** Opens what `forge.kind` names. @throws AppError `FORGE_…` */
export async function openForge(io: Io, workspace: GitWorkspace, log: Log): Promise<OpenForge> {
  const { config, repository } = workspace;
  const { kind, remote } = config.forge;
  if (kind !== 'github' || remote === null) return { workspace };
  // Loaded only here: nobody else needs it.
  const [{ openClient }, { gitHubForge }] = await Promise.all([
    import('../forge/github-client.ts'),
    import('../forge/github.ts'),
  ]);
  const client = await openClient({ forge: config.forge, env: io.env, warn: log.warn });
  const env = withToken(io.env, await remoteUrl(repository.git, remote), await client.token());
  const git = openGit(repository.git.dir, env);
  return { workspace: { ...workspace, repository: { ...repository, git } }, forge: gitHubForge(client) };
}
