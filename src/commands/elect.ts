import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AppError } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { readText } from '../runtime/file.ts';
import type { Election } from '../watch/election.ts';

export interface ElectionFlags {
  readonly leaderElect?: boolean;
  /** `namespace/name`, or a name in the pod's own namespace. */
  readonly lease: string;
  /** Context of a kubeconfig, outside of a pod. */
  readonly context?: string;
}

/** An election with a connection of its own. */
export type OpenElection = Election & { close(): Promise<void> };

const podNamespace = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** The election that the flags ask for; without one, this replica leads. @throws AppError `CLUSTER_CONFIG`, `USAGE` */
export async function electionOf(io: Io, flags: ElectionFlags, log: (message: string) => void): Promise<OpenElection> {
  if (!flags.leaderElect) return alone;
  const [name = '', namespace = await ownNamespace()] = flags.lease.split('/').reverse();
  // It takes a third of a second to load: only where a Lease is held.
  const [{ openClusterSession }, { leaseStore }, { openElection }] = await Promise.all([
    import('../cluster/session.ts'),
    import('../cluster/lease.ts'),
    import('../watch/election.ts'),
  ]);
  const { env, clock } = io;
  const inCluster = flags.context === undefined && env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const kube = { context: flags.context ?? null, kubeconfig: null, inCluster, uid: null };
  // Not stopped with the rest: the lease is given back at the end.
  const session = openClusterSession({ cluster: 'of the lease', kube, root: null, env, clock, timeout: 5000 });
  const identity = `${hostname()}_${randomUUID()}`;
  const election = openElection({
    store: leaseStore(session, namespace, name),
    identity,
    clock,
    elapsed: () => performance.now(),
    log,
  });
  return {
    run: election.run,
    lead: election.lead,
    get isLeader() {
      return election.isLeader;
    },
    close: () => session.close(),
  };
}

/** @throws AppError `USAGE` outside of a pod */
async function ownNamespace(): Promise<string> {
  const namespace = await readText(podNamespace).catch(() => '');
  if (namespace.trim() !== '') return namespace.trim();
  throw new AppError('USAGE', '--lease has no namespace, and this is not a pod', {
    next: 'give --lease NAMESPACE/NAME',
  });
}

/** Without other replicas. */
const alone: OpenElection = {
  run: async () => {},
  lead: async (stop) => stop,
  isLeader: true,
  close: async () => {},
};
