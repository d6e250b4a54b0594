import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Cluster, type Context, KubeConfig, type User } from '@kubernetes/client-node';
import { suggest } from '../config/issues.ts';
import type { KubeConfig as KubeSettings } from '../config/types.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { checkEnds } from '../runtime/file.ts';
import { type ProxySettings, proxyFor } from '../runtime/proxy.ts';
import { readKubeconfig } from './kubeconfig-file.ts';
import { isInside, programOf } from './programs.ts';

/** A context that is there and complete. */
export interface Target {
  readonly kubeConfig: KubeConfig;
  readonly context: string;
  readonly server: string;
  readonly user: User;
  /** As with kubectl: the `proxy-url` of the cluster, else what the environment names. */
  readonly proxy: ProxySettings;
}

/**
 * Finds the context that a cluster is read through, as kubectl does: the kubeconfig of the settings, else those of
 * `KUBECONFIG` (the first to know a name wins), else `~/.kube/config`; or the pod's own service account.
 *
 * Nothing is sent. Verification of the server cannot be turned off: whoever answers in its place would be given the token.
 * A kubeconfig in the repository may not name a program, which would run with what this one may read: files of a commit
 * start nothing.
 *
 * @param cluster its name in the config, for messages
 * @param root absolute path of the repository's work tree; `null` where no repository has a say
 * @throws AppError `CLUSTER_CONFIG`
 */
export function findTarget(
  cluster: string,
  settings: KubeSettings | null,
  env: NodeJS.ProcessEnv,
  root: string | null,
): Target {
  const { kubeConfig, fileOf } = settings?.inCluster ? inCluster(cluster, env) : fromFiles(cluster, settings, env);
  const name = settings?.context ?? kubeConfig.getCurrentContext() ?? '';
  const known = kubeConfig.getContexts().map((context) => context.name);
  if (!known.includes(name)) {
    const what = name === '' ? 'no current context is set' : `there is no context "${name}"${suggest(name, known)}`;
    throw wrong(cluster, what, 'set clusters[].kube.context, or --context; kubectl config get-contexts lists them');
  }
  kubeConfig.setCurrentContext(name);
  const [server, user] = [kubeConfig.getCurrentCluster(), kubeConfig.getCurrentUser()];
  const half = server === null ? 'cluster' : user === null ? 'user' : undefined;
  if (server === null || user === null) {
    throw wrong(cluster, `the context "${name}" names a ${half} that does not exist`, 'correct the kubeconfig');
  }
  if (!server.server.startsWith('https://')) {
    throw wrong(cluster, `the context "${name}" points to ${server.server}, which is not https`, 'use https');
  }
  if (server.skipTLSVerify) {
    const what = `the context "${name}" does not verify the server (insecure-skip-tls-verify)`;
    throw wrong(cluster, what, 'set certificate-authority to its CA instead');
  }
  refuseProgram(cluster, user, fileOf(user.name), root);
  refuseEndless(cluster, [server.caFile, user.certFile, user.keyFile, user.authProvider?.config?.tokenFile]);
  return {
    kubeConfig,
    context: name,
    server: server.server.replace(/\/+$/, ''),
    user,
    proxy: proxyOf(cluster, server, env),
  };
}

function refuseProgram(cluster: string, user: User, file: string | undefined, root: string | null): void {
  const program = programOf(user);
  if (program === undefined || file === undefined || root === null || !isInside(file, root)) return;
  const what = `the kubeconfig ${file} is in the repository, and its user "${user.name}" runs a program (${program})`;
  throw wrong(
    cluster,
    what,
    'keep the kubeconfig outside of the repository, or use a tokenFile or a client certificate',
  );
}

/** The library would wait for these for ever. */
function refuseEndless(cluster: string, files: readonly unknown[]): void {
  for (const file of files) {
    if (typeof file !== 'string' || file === '') continue;
    try {
      checkEnds(file);
    } catch (error) {
      throw wrong(cluster, `${file} cannot be read: ${reasonOf(error)}`, 'correct the kubeconfig', error);
    }
  }
}

function proxyOf(cluster: string, { server, proxyUrl }: Cluster, env: NodeJS.ProcessEnv): ProxySettings {
  try {
    return proxyFor(server, env, proxyUrl);
  } catch (error) {
    throw wrong(cluster, reasonOf(error), 'use http, https or socks5');
  }
}

/** A kubeconfig, and which file has a user; undefined for a pod's own. */
interface Loaded {
  readonly kubeConfig: KubeConfig;
  fileOf(user: string): string | undefined;
}

function inCluster(cluster: string, env: NodeJS.ProcessEnv): Loaded {
  if (!env['KUBERNETES_SERVICE_HOST']) {
    throw wrong(
      cluster,
      'kube.inCluster is set, but this is not a pod (no KUBERNETES_SERVICE_HOST)',
      'set kube.context',
    );
  }
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromCluster();
  return { kubeConfig, fileOf: () => undefined };
}

function fromFiles(cluster: string, settings: KubeSettings | null, env: NodeJS.ProcessEnv): Loaded {
  const files = filesOf(settings, env);
  // As kubectl: a file of the list that is not there is ignored, unless it is the only one.
  const there = files.length === 1 ? files : files.filter((file) => existsSync(file));
  if (there.length === 0) {
    const next = 'set clusters[].kube.kubeconfig, --kubeconfig or KUBECONFIG';
    throw wrong(cluster, files.length === 0 ? 'no kubeconfig found' : `none of ${files.join(', ')} exists`, next);
  }
  const loaded = there.map((file) => ({ file, kubeConfig: load(cluster, file) }));
  return {
    kubeConfig: merge(loaded.map(({ kubeConfig }) => kubeConfig)),
    // The first one counts, as in `merge`.
    fileOf: (user) => loaded.find(({ kubeConfig }) => kubeConfig.getUser(user) !== null)?.file,
  };
}

function filesOf(settings: KubeSettings | null, env: NodeJS.ProcessEnv): readonly string[] {
  if (settings !== null && settings.kubeconfig !== null) return [settings.kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  const home = env['HOME'] ?? '';
  return isAbsolute(home) ? [join(home, '.kube', 'config')] : [];
}

const otherFile =
  'correct the file, or name another one with clusters[].kube.kubeconfig, or --kubeconfig of drift and import';

function load(cluster: string, file: string): KubeConfig {
  try {
    return readKubeconfig(file);
  } catch (error) {
    throw wrong(cluster, `${file} cannot be read as a kubeconfig: ${reasonOf(error)}`, otherFile, error);
  }
}

/** The library's own merge refuses a name that is there twice; for kubectl the first one counts. */
function merge(all: readonly KubeConfig[]): KubeConfig {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return first;
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEach<Cluster>(all.flatMap((it) => it.getClusters())),
    users: firstOfEach<User>(all.flatMap((it) => it.getUsers())),
    contexts: firstOfEach<Context>(all.flatMap((it) => it.getContexts())),
    currentContext: all.map((it) => it.getCurrentContext()).find((context) => context),
  });
  return merged;
}

function firstOfEach<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...new Map(items.toReversed().map((item) => [item.name, item])).values()].reverse();
}

function wrong(cluster: string, what: string, next: string, cause?: unknown): AppError {
  return new AppError('CLUSTER_CONFIG', `connecting to cluster ${cluster}: ${what}`, { next, cause });
}
