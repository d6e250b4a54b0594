import { trackingRef } from '../git/base-refs.ts';
import type { Repository } from '../git/repository.ts';
import type { Workspace } from '../run/workspace.ts';

/** The commit of the base branch as the last fetch saw it; undefined where it is not here. */
export async function baseCommit({ git }: Repository, { config }: Workspace): Promise<string | undefined> {
  const { base, remote } = config.forge;
  const commit = await git.ask('rev-parse', '--verify', '--quiet', `${trackingRef(remote, base)}^{commit}`);
  return commit?.trim() || undefined;
}
