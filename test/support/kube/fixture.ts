import { join } from 'node:path';
import { type ClusterSession, type ClusterSessionOptions, openClusterSession } from '../../../src/cluster/session.ts';
import type { KubeConfig } from '../../../src/config/types.ts';
import { makeFolder } from '../folder.ts';
import { writeFiles } from '../repository.ts';
import type { Manifest } from './object.ts';
import { type KubeStandIn, openKubeStandIn } from './stand-in.ts';

/** A stand-in of an API server, and sessions with it whose retries do not wait. */
export interface KubeFixture extends AsyncDisposable {
  readonly kube: KubeStandIn;
  readonly dir: string;
  /** What the sessions have waited between tries, in milliseconds. */
  readonly waits: readonly number[];
  /** Opens a session with the cluster `prod` as one of the users of the stand-in, `reader` where none is named. */
  open(user?: string, more?: Partial<ClusterSessionOptions>): Promise<ClusterSession>;
}

/** How a cluster is reached, as the config says it where it says nothing else. */
export function kubeSettings(more: Partial<KubeConfig> = {}): KubeConfig {
  return { context: null, kubeconfig: null, inCluster: false, uid: null, ...more };
}

export async function openKubeFixture(objects: readonly Manifest[] = []): Promise<KubeFixture> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const kube = made.use(await openKubeStandIn());
  kube.put(objects);
  const waits: number[] = [];
  const clock = { now: () => Date.now(), sleep: async (milliseconds: number) => void waits.push(milliseconds) };
  const all = made.move();
  return {
    kube,
    dir,
    waits,
    async open(user = 'reader', more = {}) {
      const kubeconfig = await kube.writeKubeconfig(dir, { current: user, file: `kubeconfig-${user}` });
      const session = openClusterSession({
        cluster: 'prod',
        kube: kubeSettings({ kubeconfig }),
        root: null,
        env: {},
        clock,
        ...more,
      });
      all.defer(() => session.close());
      return session;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Writes a kubeconfig from its parts, and gives its path. */
export async function writeConfig(dir: string, config: object, file = 'kubeconfig'): Promise<string> {
  await writeFiles(dir, { [file]: JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }) });
  return join(dir, file);
}

/** Namespaces of these names. */
export function namespacesOf(...names: readonly string[]): readonly Manifest[] {
  return names.map((name) => ({ kind: 'Namespace', metadata: { name } }));
}

/** A RoleBinding of these users to the ClusterRole `view`. */
export function bindingOf(namespace: string, name: string, ...users: readonly string[]): Manifest {
  return {
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: users.map((user) => ({ kind: 'User', name: user })),
  };
}
