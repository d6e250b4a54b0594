import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../support/folder.ts';
import { kubectl, kubectlWith } from './kubectl.ts';

/** Something that a person does to a cluster, and what drift has to say of it. */
export interface HandChange {
  readonly namespace: string;
  /** Without the hash where the name has one. */
  readonly binding: string;
  readonly how: string;
  /** Of the rendered bindings, by role. */
  readonly make: (name: string, namespace: string) => Promise<unknown>;
  readonly state: 'changed-in-cluster' | 'missing' | 'orphan';
  /** The field manager that kubectl gives, where the server keeps who it was. */
  readonly manager?: string;
  /** `+` has, `-` lacks. */
  readonly subjects: readonly string[];
}

const eve = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'user.eve' };
const addEve = JSON.stringify([{ op: 'add', path: '/subjects/-', value: eve }]);
const within = (namespace: string) => `--namespace=${namespace}`;
const createFor = (user: string) => (name: string, namespace: string) =>
  kubectl('create', 'rolebinding', name, within(namespace), '--clusterrole=view', `--user=${user}`);
const label = (text: string) => async (name: string, namespace: string) => {
  await createFor('user.eve')(name, namespace);
  await kubectl('label', 'rolebinding', name, within(namespace), text);
};

const [admins, viewers, oncall] = ['athenz-k8s_ns_admins', 'athenz-k8s_ns_viewers', 'athenz-oncall'] as const;
const changed = { state: 'changed-in-cluster' } as const;
const orphan = { state: 'orphan', manager: 'kubectl-create', subjects: ['+user.eve'] } as const;

/** Sorted as drift lists them. */
export const handChanges: readonly HandChange[] = [
  {
    ...{ namespace: 'checkout', binding: viewers, how: 'auth reconcile', ...changed },
    make: (name, namespace) =>
      withFile(bindingTo('view', name, namespace), (file) => kubectl('auth', 'reconcile', '--filename', file)),
    // It gives no name of its own, so that the server takes the program's.
    manager: 'kubectl',
    subjects: ['+user.eve'],
  },
  {
    namespace: 'labs',
    binding: 'acme.eks.labs:role.old:members',
    how: 'create',
    make: createFor('user.eve'),
    ...orphan,
  },
  {
    ...{ namespace: 'labs', binding: 'of-an-operator', how: 'create', ...orphan },
    make: label('managed-by=athenz-syncer'),
  },
  {
    ...{ namespace: 'labs', binding: 'of-ours', how: 'create', ...orphan },
    make: label('app.kubernetes.io/managed-by=athenz-gitops'),
  },
  {
    ...{ namespace: 'payments-api', binding: admins, how: 'delete', state: 'missing' },
    make: (name, namespace) => kubectl('delete', 'rolebinding', name, within(namespace)),
    subjects: ['-user.ada', '-user.bo', '-user.chen'],
  },
  {
    ...{ namespace: 'payments-api', binding: viewers, how: 'replace --force', ...changed },
    make: (name, namespace) =>
      withFile(bindingTo('cluster-admin', name, namespace), (file) =>
        kubectl('replace', '--force', '--filename', file),
      ),
    manager: 'kubectl-replace',
    subjects: ['+user.eve', '-user.finn', '-user.gil', '-user.hana', '-user.ivo'],
  },
  {
    ...{ namespace: 'payments-web', binding: admins, how: 'patch that takes all out', ...changed },
    make: (name, namespace) => kubectl('patch', 'rolebinding', name, within(namespace), '--patch={"subjects":null}'),
    subjects: ['-user.ada', '-user.bo', '-user.chen'],
  },
  {
    ...{ namespace: 'payments-web', binding: viewers, how: 'patch', ...changed },
    make: (name, namespace) =>
      kubectl('patch', 'rolebinding', name, within(namespace), '--type=json', `--patch=${addEve}`),
    manager: 'kubectl-patch',
    subjects: ['+user.eve'],
  },
  {
    ...{ namespace: 'reports', binding: admins, how: 'delete of the Role', ...changed },
    make: (_, namespace) => kubectl('delete', 'role', admins, within(namespace)),
    subjects: [],
  },
  {
    ...{ namespace: 'reports', binding: viewers, how: 'set subject', ...changed },
    make: (name, namespace) => kubectl('set', 'subject', 'rolebinding', name, within(namespace), '--user=user.eve'),
    manager: 'kubectl-set',
    subjects: ['+user.eve'],
  },
  {
    ...{ namespace: 'search', binding: admins, how: 'edit', ...changed },
    make: (name, namespace) =>
      kubectlWith({ KUBE_EDITOR: 'perl -pi -e s/user.dara/user.eve/' }, 'edit', 'rolebinding', name, within(namespace)),
    manager: 'kubectl-edit',
    subjects: ['-user.dara', '+user.eve'],
  },
  {
    ...{ namespace: 'search', binding: oncall, how: 'replace of the Role', ...changed },
    make: (_, namespace) => withFile(wideRole(oncall, namespace), (file) => kubectl('replace', '--filename', file)),
    manager: 'kubectl-replace',
    subjects: [],
  },
];

function bindingTo(clusterRole: string, name: string, namespace: string): object {
  const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole };
  return { ...head('RoleBinding', { name, namespace, labels }), roleRef, subjects: [eve] };
}

function wideRole(name: string, namespace: string): object {
  return {
    ...head('Role', { name, namespace }),
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }],
  };
}

function head(kind: string, metadata: object): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata };
}

async function withFile(manifest: object, use: (file: string) => Promise<unknown>): Promise<void> {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'manifest.json');
  await writeFile(file, JSON.stringify(manifest));
  await use(file);
}
