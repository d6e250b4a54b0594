import { withToken } from '../git/credential.ts';
import type { Git } from '../git/git.ts';
import { type Verifying, verifying } from '../git/verification.ts';
import type { Log } from '../report/log.ts';
import type { Io } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { readCaFile } from '../runtime/ca.ts';
import type { Forge } from './forge.ts';
import { siteOfRemote } from './remote-site.ts';

/** Where pull requests go, and a workspace whose git may fetch and push there. */
export interface OpenForge {
  readonly workspace: GitWorkspace;
  /** Undefined where branches are all there is. */
  readonly forge?: Forge;
}

/**
 * The workspace with a git that may fetch from the remote: it verifies the server, and has the token for GitHub where there is
 * one; without one git has to know a way itself, as after `actions/checkout`.
 */
export async function withRemoteAccess(io: Io, workspace: GitWorkspace, log: Log): Promise<GitWorkspace> {
  if (!io.env['GITHUB_TOKEN'] && !io.env['GITHUB_APP_PRIVATE_KEY'])
    return (await verified(io, workspace, log)).workspace;
  return (await openForge(io, workspace, log)).workspace;
}

/** Opens what `forge.kind` names. @throws AppError `FORGE_…`; `CONFIG_INVALID` where the remote is not on that GitHub, or the CA is none */
export async function openForge(io: Io, workspace: GitWorkspace, log: Log): Promise<OpenForge> {
  const { config } = workspace;
  const { kind, remote } = config.forge;
  const { workspace: reaching, redirects } = await verified(io, workspace, log);
  if (kind !== 'github' || remote === null) return { workspace: reaching };
  const { git } = reaching.repository;
  // Loaded only here: nobody else needs it.
  const [{ openClient }, { gitHubForge }] = await Promise.all([
    import('./github/client.ts'),
    import('./github/forge.ts'),
  ]);
  const client = await openClient({ forge: config.forge, env: io.env, warn: log.warn, stop: io.stop() });
  const site = await siteOfRemote(git, remote, config, io.env);
  const trusted = withToken(git, { remote, site, redirects }, await client.token());
  return { workspace: withGit(reaching, trusted), forge: gitHubForge(client) };
}

async function verified(
  io: Io,
  workspace: GitWorkspace,
  log: Log,
): Promise<{ readonly workspace: GitWorkspace } & Pick<Verifying, 'redirects'>> {
  const { remote, caPath } = workspace.config.forge;
  if (remote === null) return { workspace, redirects: [] };
  if (caPath !== null) await readCaFile(caPath, 'forge.caPath');
  const { git, ignored, redirects } = await verifying(workspace.repository.git, io.env);
  for (const name of ignored) log.ignored(`${name} is ignored: certificates are always verified`);
  return { workspace: withGit(workspace, git), redirects };
}

function withGit(workspace: GitWorkspace, git: Git): GitWorkspace {
  return { ...workspace, repository: { ...workspace.repository, git } };
}
