import { cacheRoot } from '../athenz/cache-settings.ts';
import { identify, identityFile, remember } from '../cluster/identity.ts';
import { type ClusterSession, openClusterSession } from '../cluster/session.ts';
import type { ClusterConfig } from '../config/types.ts';
import { reasonOf } from '../model/error.ts';
import type { Halt } from '../model/halt.ts';
import type { Outcome } from '../model/outcome.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import type { Workspace } from './workspace.ts';

/** A cluster that can be read, once it has been asked which one it is. */
export interface OpenedCluster {
  readonly session: ClusterSession;
  /**
   * Makes sure that it is the cluster of the last run, and remembers it.
   *
   * @param remembering not so for a command that writes nothing at all
   * @returns its uid; `unknown` where that may not be read
   * @throws AppError `CLUSTER_CHANGED`, or `CLUSTER_…` when no answer came
   */
  identify(remembering?: boolean): Promise<Outcome<string>>;
}

/** Opens a cluster of the workspace; nothing is sent. @throws AppError `CLUSTER_CONFIG` */
export function openCluster(
  io: Io,
  workspace: Pick<Workspace, 'config' | 'root'>,
  { name, domain, kube }: Pick<ClusterConfig, 'name' | 'domain' | 'kube'>,
  flags: Pick<CommonFlags, 'logLevel' | 'quiet'>,
  halt: Halt = { stop: io.stop() },
): OpenedCluster {
  const { env, clock } = io;
  const session = openClusterSession({ cluster: name, kube, root: workspace.root, env, clock, halt });
  const { config } = workspace;
  const root = cacheRoot(config.athenz.cache, io.env);
  const file = root === undefined ? undefined : identityFile(root, name, [config.athenz.zmsUrl, domain]);
  return {
    session,
    async identify(remembering = true) {
      const uid = await identify(session, { file, pinned: kube?.uid ?? null });
      if (remembering && uid.kind === 'value' && file !== undefined) {
        await remember(file, uid.value).catch((error) => {
          logOf(io, flags).warn(`saving the identity of cluster ${name}: ${reasonOf(error)}`);
        });
      }
      return uid;
    },
  };
}
