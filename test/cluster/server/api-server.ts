import { join } from 'node:path';
import { writeCredentials } from './credentials.ts';
import { findEtcd } from './etcd.ts';
import { type BuildOptions, buildKubernetes } from './kubernetes.ts';
import { start } from './program.ts';
import { freePorts, untilReady } from './ready.ts';

/** A running API server with nothing in it. */
export interface ApiServer extends AsyncDisposable {
  /** Path of a kubeconfig for an administrator. */
  readonly kubeconfig: string;
  /** A program had to be built or fetched for it. */
  readonly made: boolean;
}

/**
 * Brings up etcd and kube-apiserver on loopback, with everything they write in `dir`. There is no controller: a namespace
 * is never finalised, and the rules of aggregated ClusterRoles are not put together.
 */
export async function openApiServer({ dir, signal }: BuildOptions): Promise<ApiServer> {
  const etcd = await findEtcd({ dir, signal });
  const server = await buildKubernetes('kube-apiserver', { dir, signal });
  const [clients = 0, peers = 0, port = 0] = await freePorts(3);
  const { ca, caPem, cert, key, accountKey, kubeconfig } = await writeCredentials(dir, `https://127.0.0.1:${port}`);

  await using started = new AsyncDisposableStack();
  const bringUp = async (name: string, path: string, flags: Readonly<Record<string, string>>, url: string) => {
    const log = join(dir, `${name}.log`);
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    // Debian's etcd asks to be told that it is not supported on this.
    const env = { PATH: process.env['PATH'], ETCD_UNSUPPORTED_ARCH: process.arch };
    const program = started.use(await start(path, args, { cwd: dir, env, log, signal }));
    await untilReady({ name, program, log, url, ca: caPem, signal });
  };
  const etcdUrl = `http://127.0.0.1:${clients}`;
  const peerUrl = `http://127.0.0.1:${peers}`;
  const etcdFlags = {
    'data-dir': join(dir, 'etcd'),
    'listen-client-urls': etcdUrl,
    'advertise-client-urls': etcdUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'unsafe-no-fsync': 'true',
  };
  await bringUp('etcd', etcd.path, etcdFlags, `${etcdUrl}/health`);
  const serverFlags = {
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': String(port),
    'endpoint-reconciler-type': 'none',
    'tls-cert-file': cert,
    'tls-private-key-file': key,
    'client-ca-file': ca,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': accountKey,
    'service-account-signing-key-file': accountKey,
    'service-cluster-ip-range': '10.0.0.0/24',
    'authorization-mode': 'RBAC',
    // It waits for accounts, which a controller makes.
    'disable-admission-plugins': 'ServiceAccount',
  };
  await bringUp('kube-apiserver', server.path, serverFlags, `https://127.0.0.1:${port}/readyz`);

  const running = started.move();
  return { kubeconfig, made: etcd.made || server.made, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
