import { resolve } from 'node:path';
import type { ClusterReader, World } from '../core/generator.ts';
import { AppError } from '../model/error.ts';
import type { Halt } from '../model/halt.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import { readableCluster, unknownCluster } from './readable-cluster.ts';
import { progressLine } from './terminal.ts';
import type { Workspace } from './workspace.ts';

/** Flags of how the sources are read. */
export interface ReadFlags {
  /** File with recorded answers. */
  readonly snapshot?: string;
  readonly at?: Date;
  /** Milliseconds that reading may take. */
  readonly deadline?: number;
}

/**
 * What generators reach the world by.
 *
 * @param workspace whose clusters may be read; not set where there is no config
 * @param flags as the user gave them; a deadline counts from here
 */
export function worldOf(
  io: Io,
  workspace: Pick<Workspace, 'clusters' | 'config' | 'root'> | undefined,
  flags: Pick<CommonFlags, 'logLevel' | 'quiet'> & ReadFlags,
): World {
  const { env, clock } = io;
  const { deadline } = flags;
  const halt = { stop: io.stop(), ...(deadline === undefined ? {} : { deadline: clock.now() + deadline }) };
  return {
    env,
    clock,
    progress: progressLine(io, flags),
    warn: logOf(io, flags).warn,
    halt,
    ...(io.breakerOf === undefined ? {} : { breakerOf: io.breakerOf }),
    openCluster: (name) => openReader(io, workspace, name, flags, halt),
    ...(flags.snapshot === undefined ? {} : { recorded: resolve(io.cwd, flags.snapshot) }),
    ...(flags.at === undefined ? {} : { at: flags.at }),
  };
}

async function openReader(
  io: Io,
  workspace: Pick<Workspace, 'clusters' | 'config' | 'root'> | undefined,
  name: string,
  flags: Pick<CommonFlags, 'logLevel' | 'quiet'>,
  halt: Halt,
): Promise<ClusterReader> {
  if (workspace === undefined) throw unknownCluster(name);
  const cluster = readableCluster(workspace, name);
  // It takes a third of a second to load: only where a cluster is read.
  const { openCluster } = await import('./open-cluster.ts');
  const { listObjects } = await import('../cluster/objects.ts');
  const { session, identify } = openCluster(io, workspace, cluster, flags, halt);
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
