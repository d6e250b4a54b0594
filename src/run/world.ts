import { resolve } from 'node:path';
import type { ClusterReader, World } from '../core/generator.ts';
import { AppError } from '../model/error.ts';
import { type CommonFlags, type Io, logOf, progressLine } from './io.ts';
import type { Workspace } from './workspace.ts';

/**
 * What generators reach the world by.
 *
 * @param workspace whose clusters may be read; not set where there is no config
 * @param flags `snapshot`: as the user gave it
 */
export function worldOf(
  io: Io,
  workspace: Pick<Workspace, 'config' | 'root'> | undefined,
  flags: Pick<CommonFlags, 'logLevel' | 'quiet'> & { readonly snapshot?: string; readonly at?: Date },
): World {
  const { env, clock } = io;
  return {
    env,
    clock,
    progress: progressLine(io, flags),
    warn: logOf(io, flags).warn,
    openCluster: (name) => openReader(io, workspace, name, flags),
    ...(flags.snapshot === undefined ? {} : { recorded: resolve(io.cwd, flags.snapshot) }),
    ...(flags.at === undefined ? {} : { at: flags.at }),
  };
}

async function openReader(
  io: Io,
  workspace: Pick<Workspace, 'config' | 'root'> | undefined,
  name: string,
  flags: Pick<CommonFlags, 'logLevel' | 'quiet'>,
): Promise<ClusterReader> {
  const cluster = workspace?.config.clusters.find((it) => it.name === name);
  if (workspace === undefined || cluster === undefined) throw new TypeError(`${name} is not a cluster of the config`);
  // It takes a third of a second to load: only where a cluster is read.
  const { openCluster } = await import('./open-cluster.ts');
  const { listObjects } = await import('../cluster/objects.ts');
  const { session, identify } = openCluster(io, workspace, cluster, flags);
  try {
    const uid = await identify();
    // It may be any other cluster: what that one has must not be copied.
    if (uid.kind === 'unknown') throw new AppError(uid.problem.code, uid.problem.message, nextOf(uid.problem));
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    list: (query) => listObjects(session, query),
    get requests() {
      return session.requests;
    },
    close: () => session.close(),
  };
}

function nextOf({ next }: { readonly next?: string }): { readonly next?: string } {
  return next === undefined ? {} : { next };
}
