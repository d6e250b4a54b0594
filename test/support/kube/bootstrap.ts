import { type Manifest, type PolicyRule, rbacGroup } from './object.ts';

/** The ClusterRole that a reader of the cluster needs, and no more. */
export const readerRole = 'athenz-gitops-reader';

/** What a new cluster has. Of the roles that come with it those that decide something here, `view` without all it allows. */
export const bootstrap: readonly Manifest[] = [
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => ({
    kind: 'Namespace',
    metadata: { name },
  })),
  ...['kube-public', 'kube-system'].flatMap(ownRole),
  clusterRole('cluster-admin', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]),
  clusterRole('view', [
    {
      verbs: ['get', 'list', 'watch'],
      apiGroups: [''],
      resources: ['configmaps', 'namespaces', 'pods', 'pods/log', 'services'],
    },
    { verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['deployments', 'statefulsets'] },
  ]),
  clusterRole('system:discovery', [
    {
      verbs: ['get'],
      nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/readyz', '/version', '/version/'],
    },
  ]),
  binding('system:discovery', 'system:discovery', 'system:authenticated'),
  clusterRole('system:public-info-viewer', [
    { verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/version', '/version/'] },
  ]),
  binding('system:public-info-viewer', 'system:public-info-viewer', 'system:unauthenticated'),
];

/** Access for whoever reads the whole cluster. */
export const readers: readonly Manifest[] = [
  clusterRole(readerRole, [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['namespaces'] },
    { verbs: ['get', 'list'], apiGroups: [rbacGroup], resources: ['roles', 'rolebindings'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] },
  ]),
  binding(readerRole, readerRole, 'athenz-gitops-readers'),
];

function clusterRole(name: string, rules: readonly PolicyRule[]): Manifest {
  return { kind: 'ClusterRole', metadata: { name }, rules };
}

function binding(name: string, role: string, group: string): Manifest {
  return {
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'Group', name: group }],
  };
}

/** What the server keeps for its own controllers, in every cluster. */
function ownRole(namespace: string): readonly Manifest[] {
  const name = 'system:controller:bootstrap-signer';
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
  const metadata = { name, namespace, labels, annotations };
  const rules = [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['secrets'] }];
  const subjects = [{ kind: 'ServiceAccount', name: 'bootstrap-signer', namespace: 'kube-system' }] as const;
  return [
    { kind: 'Role', metadata, rules },
    { kind: 'RoleBinding', metadata, roleRef: { kind: 'Role', name }, subjects },
  ];
}
