import { resolve } from 'node:path';
import { identify } from '../cluster/identity.ts';
import { listNamespaces, readRbacObjects } from '../cluster/read.ts';
import { openClusterSession } from '../cluster/session.ts';
import { operatorLabel } from '../cluster/wire.ts';
import { findRepository } from '../git/repository.ts';
import { excluder } from '../inventory/exclude.ts';
import type { LiveObjects } from '../model/cluster.ts';
import { AppError } from '../model/error.ts';
import { count } from '../model/text.ts';
import type { Io } from '../run/io.ts';
import type { LiveInput } from './found.ts';
import { clusterOf, type ImportFlags } from './input.ts';
import type { AdoptionResult } from './result.ts';

/** What was read of the cluster. */
export interface ReadCluster extends Pick<AdoptionResult, 'cluster' | 'problems'> {
  readonly live: LiveInput;
  readonly requests: number;
}

/**
 * Reads what an operator wrote, and which cluster it is.
 *
 * @throws AppError `CLUSTER_…` when nothing of it could be read
 */
export async function readCluster(io: Io, flags: ImportFlags): Promise<ReadCluster> {
  const cluster = clusterOf(flags);
  const { context = null, kubeconfig, selector } = flags;
  const file = kubeconfig === undefined ? null : resolve(io.cwd, kubeconfig);
  const kube = { context, kubeconfig: file, inCluster: false, uid: null };
  // Where the config will be; import needs no repository, and none that git refuses.
  const repository = await findRepository(resolve(io.cwd, flags.dir ?? '.'), io.env).catch(() => undefined);
  const session = openClusterSession({ cluster, kube, root: repository?.root ?? null, env: io.env, clock: io.clock });
  try {
    const uid = await identify(session, { file: undefined, pinned: null });
    const all = await listNamespaces(session, null);
    const read = await readRbacObjects(
      session,
      all.map(({ name }) => name),
      selector,
    );
    const namespaces = new Map<string, LiveObjects>();
    const problems: AdoptionResult['problems'][number][] = uid.kind === 'unknown' ? [{ problem: uid.problem }] : [];
    for (const [namespace, outcome] of read) {
      if (outcome.kind === 'value') namespaces.set(namespace, outcome.value);
      else if (outcome.kind === 'unknown') problems.push({ namespace, problem: outcome.problem });
    }
    return {
      cluster: {
        cluster,
        context: session.context,
        server: session.server,
        ...(uid.kind === 'value' ? { uid: uid.value } : {}),
      },
      problems,
      live: {
        namespaces,
        terminating: new Set(all.flatMap(({ name, terminating }) => (terminating ? [name] : []))),
        selected: selector !== undefined,
        isSystem: (namespace) => excludedBy(namespace) !== undefined,
      },
      requests: session.requests,
    };
  } finally {
    await session.close();
  }
}

/** Nothing but the built-in list: a config is yet to come. */
const excludedBy = excluder([]);

/** The error where a cluster has nothing that counts. */
export function nothingFound({ cluster, live, problems }: ReadCluster, { selector }: ImportFlags): AppError {
  const unread = problems.filter(({ namespace }) => namespace !== undefined).length;
  const read = `${count(live.namespaces.size, 'namespace')}${unread === 0 ? '' : ` (${unread} more cannot be read)`}`;
  const looked = `searching ${read} of cluster ${cluster.cluster} (context ${cluster.context})`;
  if (selector !== undefined) {
    return new AppError('IMPORT_NOTHING_FOUND', `${looked}: no RoleBinding has the labels "${selector}"`, {
      next: 'correct --selector or --context',
    });
  }
  const label = `${operatorLabel.key}=${operatorLabel.value}`;
  const what = `no RoleBinding has the label ${label} or is named <domain>:role.<role>:members, and no Role is named <domain>:role.<role>`;
  return new AppError('IMPORT_NOTHING_FOUND', `${looked}: ${what}`, {
    next: 'correct --context, or name the bindings with --selector',
  });
}
