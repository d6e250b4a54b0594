import { createTestAuthority } from '../certificates.ts';
import { answer } from './api.ts';
import { bootstrap, readerRole, readers } from './bootstrap.ts';
import { callerOf } from './caller.ts';
import type { Fault } from './fault.ts';
import { type Credentials, type KubeconfigOptions, writeKubeconfig } from './kubeconfig.ts';
import type { Writer } from './managed-fields.ts';
import type { Manifest } from './object.ts';
import type { User } from './rbac.ts';
import { type KubeRequest, type Listening, listen } from './server.ts';
import { failed, Refusal } from './status.ts';
import { createStore } from './store.ts';
import { openWatchers, type Watchers } from './watch.ts';

export interface By {
  readonly manager: string;
  /** Default: `Update`. */
  readonly operation?: Writer['operation'];
  /** Default: now. */
  readonly at?: Date;
}

/**
 * A kube-apiserver on loopback for whoever reads: lists, watches and single objects of namespaces and RBAC, and access reviews. Its
 * callers may do what the RBAC objects in it let them, as in a real one.
 */
export interface KubeStandIn
  extends Pick<Listening, 'url' | 'stop' | 'start' | 'drop' | 'connections'>,
    AsyncDisposable {
  readonly caPem: string;
  /** The uid of the namespace kube-system, which names a cluster. */
  readonly uid: string;
  /** Every request that arrived, in order. */
  readonly requests: readonly KubeRequest[];
  /** What each of the kubeconfig's users logs in with. */
  readonly credentials: ReadonlyMap<string, Credentials>;
  /** Writes objects in place of those of the same names; what others own in them and did not change stays theirs. */
  put(objects: readonly Manifest[], by?: By): void;
  /** Removes an object, a namespace with all that is in it. */
  remove(kind: string, namespace: string | undefined, name: string): void;
  /** A namespace is being deleted, and not gone yet. */
  terminate(namespace: string): void;
  /** Lets a user of the given groups in; `namespaces` are those that it may read as the program does. */
  addUser(name: string, access: { readonly groups?: readonly string[]; readonly namespaces?: readonly string[] }): void;
  /** A user's token is no longer good. */
  revoke(name: string): void;
  /** No list that has begun can be continued as it was. */
  expireContinueTokens(): void;
  /** The watches that are open. */
  readonly watches: Pick<Watchers, 'open' | 'bookmark' | 'end' | 'expire' | 'cut'>;
  /** Sets what goes wrong from now on; undefined: nothing. */
  intercept(intercept: ((request: KubeRequest) => Fault | undefined | Promise<Fault | undefined>) | undefined): void;
  writeKubeconfig(folder: string, options?: KubeconfigOptions): Promise<string>;
}

/**
 * Starts it on a free port. Users: `admin` may do anything, `reader` what the program needs (`reader-certificate` is the
 * same one by certificate), `nobody` nothing; `stranger` has a token that is not known, and `anonymous` none.
 */
export async function openKubeStandIn(): Promise<KubeStandIn> {
  const authority = await createTestAuthority('cluster CA');
  const own = await authority.issue({ principal: 'kube-apiserver', addresses: ['127.0.0.1'] });
  const store = createStore();
  const watchers = openWatchers(store);
  const users = new Map<string, User>();
  const requests: KubeRequest[] = [];
  let intercept: ((request: KubeRequest) => Fault | undefined | Promise<Fault | undefined>) | undefined;
  const certificate = await authority.issue({ principal: 'reader', organization: 'athenz-gitops-readers' });
  const credentials = new Map<string, Credentials>([
    ['reader-certificate', certificate],
    ['stranger', { token: 'token-of-stranger' }],
    ['anonymous', undefined],
  ]);
  const put: KubeStandIn['put'] = (
    objects,
    { manager, operation = 'Update', at = new Date() } = { manager: 'kubectl-create' },
  ) => store.put(objects, { manager, operation, time: at.toISOString().replace(/\.\d+/, '') });
  const addUser: KubeStandIn['addUser'] = (name, { groups = [], namespaces = [] }) => {
    const token = `token-of-${name}`;
    users.set(token, { name, groups });
    credentials.set(name, { token });
    put(namespaces.map((namespace) => readerBinding(name, namespace)));
  };
  put([...bootstrap, ...readers], { manager: 'kube-apiserver' });
  addUser('admin', { groups: ['system:masters'] });
  addUser('reader', { groups: ['athenz-gitops-readers'] });
  addUser('nobody', {});

  const listening = await listen(
    { ...own, ca: authority.caPem },
    (message, url, body) => {
      try {
        const user = callerOf(message, (token) => users.get(token));
        const type = message.headers['content-type'] ?? '';
        return {
          user: user.name,
          answer: answer(store, watchers, user, { method: message.method ?? '', url, type, body }),
        };
      } catch (error) {
        if (error instanceof Refusal) return { user: undefined, answer: failed(error.failure) };
        throw error;
      }
    },
    (request) => {
      requests.push(request);
      return intercept?.(request);
    },
  );
  const { url, stop, start, drop } = listening;
  const place = { url, caPem: authority.caPem };
  return {
    ...place,
    ...{ stop, start, drop, requests, credentials, put, addUser, watches: watchers },
    get connections() {
      return listening.connections;
    },
    uid: store.current().get('Namespace', undefined, 'kube-system')?.metadata.uid ?? '',
    remove: store.remove,
    terminate: store.terminate,
    revoke: (name) => void users.delete(`token-of-${name}`),
    expireContinueTokens: store.compact,
    intercept: (next) => {
      intercept = next;
    },
    writeKubeconfig: (folder, options) => writeKubeconfig(folder, place, credentials, options),
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

function readerBinding(name: string, namespace: string): Manifest {
  return {
    kind: 'RoleBinding',
    metadata: { name: `${readerRole}-${name}`, namespace },
    roleRef: { kind: 'ClusterRole', name: readerRole },
    subjects: [{ kind: 'User', name }],
  };
}
