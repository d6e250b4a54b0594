import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { makeFolder } from '../../support/folder.ts';
import { openRemoteFixture, type RemoteFixture } from '../../support/remote-fixture.ts';
import { gitEnv, gitIn } from '../../support/repository.ts';
import { withoutTimes } from '../../support/watch.ts';
import { untilAllowed } from './access.ts';
import { type Account, rulesOf, writeKubeconfig } from './account.ts';
import { type Api, ApiError } from './api.ts';
import { type Cuttable, openCuttable } from './cut.ts';
import { kubectl } from './kubectl.ts';
import { clearNamespaces } from './namespaces.ts';
import { rbac } from './objects.ts';
import { until } from './until.ts';

const bin = fileURLToPath(new URL('../../../bin/athenz-gitops.js', import.meta.url));
const rules = await rulesOf('deploy/rbac.yaml');
const namespace = 'athenz-gitops-replicas';
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/athenz-gitops`;

/** A Lease, as the API server has it. */
export interface LeaseObject {
  readonly spec: Readonly<Record<string, string | number>>;
}

/** A process of `watch` with a clone and an account of its own. */
export interface Replica {
  readonly name: string;
  readonly pid: number;
  /** What it said so far. */
  readonly said: () => string;
  /** Runs that it told of. */
  readonly runs: () => number;
  /** The status of a page, and its text; 0 where nobody answers. */
  page(path: string): Promise<readonly [status: number, text: string]>;
  leads(): Promise<boolean>;
  /** Its exit code and signal. */
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
  readonly wayToServer: Cuttable;
  /** Takes its account's permission away. */
  forbid(): Promise<void>;
}

/** Replicas of `watch` beside one Lease, and what they have in common. */
export interface Replicas extends AsyncDisposable {
  readonly fixture: RemoteFixture;
  /** What all of them said, a line each behind the name of who said it. */
  readonly log: readonly string[];
  start(name: string): Promise<Replica>;
  lease(): Promise<LeaseObject>;
}

export async function openReplicas(api: Api): Promise<Replicas> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const fixture = made.use(await openRemoteFixture({ cached: true, remote: true }));
  await clearNamespaces(api, [namespace]);
  await api.delete(leasePath).catch((error) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
  await api.post(`${rbac}/namespaces/${namespace}/roles`, { metadata: { name: 'lease' }, rules });
  const log: string[] = [];
  const server = await kubectl('config', 'view', '--minify', '--output=jsonpath={.clusters[0].cluster.server}');

  const all = made.move();

  async function start(name: string): Promise<Replica> {
    const { account, forbid } = await allow(api, name);
    const wayToServer = all.use(await openCuttable(server));
    const kubeconfig = join(dir, `${name}.kubeconfig`);
    const context = await writeKubeconfig(kubeconfig, account, undefined, wayToServer.url);
    // Beside the first one: its paths lead to the same certificates.
    const clone = `${fixture.dir}-${name}`;
    gitIn(dir, 'clone', '--quiet', fixture.target, clone);
    const flags = ['--leader-elect', '--lease', `${namespace}/athenz-gitops`, '--context', context];
    const often = ['--interval', '500ms', '--poll', 'off', '--listen', '127.0.0.1:0'];
    const child = spawn(process.execPath, [bin, 'watch', ...flags, ...often], {
      cwd: clone,
      env: { ...gitEnv, KUBECONFIG: kubeconfig, NODE_COMPILE_CACHE: join(dir, 'compiled') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    all.defer(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const more = withoutTimes(chunk);
      text += more;
      for (const line of more.split('\n')) if (line !== '') log.push(`${name}: ${line}`);
    });
    const url = () => /probes and metrics at (\S+)/.exec(text)?.[1];
    await until(`${name} watches`, () => url() !== undefined || child.exitCode !== null);
    const page: Replica['page'] = async (path) => {
      try {
        const { statusCode, body } = await request(`${url()}${path}`);
        return [statusCode, await body.text()];
      } catch {
        return [0, ''];
      }
    };
    return {
      name,
      pid: child.pid ?? 0,
      said: () => text,
      runs: () => text.match(/^run \(/gm)?.length ?? 0,
      page,
      leads: async () => (await page('/leader'))[0] === 200,
      ended,
      wayToServer,
      forbid,
    };
  }

  return {
    fixture,
    log,
    start,
    lease: () => api.get(leasePath),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Makes a service account that may do what the docs say, and nothing else. */
async function allow(api: Api, name: string): Promise<{ readonly account: Account; forbid(): Promise<void> }> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const made = await api.post<{ metadata: Account }>(accounts, { metadata: { generateName: `${name}-` } });
  const account = { namespace, name: made.metadata.name };
  const bindings = `${rbac}/namespaces/${namespace}/rolebindings`;
  await api.post(bindings, {
    metadata: { name: account.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'lease' },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
  const user = `system:serviceaccount:${namespace}:${account.name}`;
  await untilAllowed(api, { user, namespace, verb: 'create', group: 'coordination.k8s.io', resource: 'leases' });
  return { account, forbid: () => api.delete(`${bindings}/${account.name}`) };
}
