import { join } from 'node:path';
import type { TestAuthority } from '../../support/certificates.ts';
import { writeCredentials } from './credentials.ts';
import { type BuildOptions, buildKubernetes } from './kubernetes.ts';
import { findPackaged } from './packaged.ts';
import { type Program, start } from './program.ts';
import { freePorts, untilReady } from './ready.ts';

/** A running API server with nothing in it. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  /** Path of a kubeconfig for an administrator. */
  readonly kubeconfig: string;
  /** Whose certificates it lets in. */
  readonly authority: TestAuthority;
  /** A program had to be built or fetched for it. */
  readonly made: boolean;
  /** Kills it; what it holds is kept. */
  stop(): Promise<void>;
  /** Starts it anew, at the same address; returns when it answers. */
  start(): Promise<void>;
}

/**
 * Brings up etcd and kube-apiserver on loopback, with everything they write in `dir`. There is no controller: a namespace
 * is never finalised, and the rules of aggregated ClusterRoles are not put together.
 */
export async function openApiServer({ dir, signal }: BuildOptions): Promise<ApiServer> {
  const etcd = await findPackaged('etcd', 'etcd-server', { dir, signal });
  const server = await buildKubernetes('kube-apiserver', { dir, signal });
  const [clients = 0, peers = 0, port = 0] = await freePorts(3);
  const address = `https://127.0.0.1:${port}`;
  const { ca, authority, cert, key, accountKey, kubeconfig } = await writeCredentials(dir, address);

  await using starting = new AsyncDisposableStack();
  let started = starting;
  const bringUp = async (name: string, path: string, flags: Readonly<Record<string, string>>, url: string) => {
    const log = join(dir, `${name}.log`);
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    // Debian's etcd asks to be told that it is not supported on this.
    const env = { PATH: process.env['PATH'], ETCD_UNSUPPORTED_ARCH: process.arch };
    const program = started.use(await start(path, args, { cwd: dir, env, log, signal }));
    await untilReady({ name, program, log, url, ca: authority.caPem, signal });
    return program;
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
  const bringUpServer = () => bringUp('kube-apiserver', server.path, serverFlags, `${address}/readyz`);
  let program: Program = await bringUpServer();

  started = starting.move();
  return {
    ...{ url: address, kubeconfig, authority, made: etcd.made || server.made },
    async stop() {
      await program[Symbol.asyncDispose]();
    },
    async start() {
      program = await bringUpServer();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
