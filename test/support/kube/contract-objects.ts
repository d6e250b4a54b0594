import { readers } from './bootstrap.ts';
import { type Manifest, type PolicyRule, type RbacSubject, type RoleRef, rbacGroup } from './object.ts';

const labels = { contract: 'yes' };
const namespace = (name: string, more = {}): Manifest => ({
  kind: 'Namespace',
  metadata: { name, labels: { ...labels, ...more } },
});
const role = (inside: string, name: string, rules: readonly PolicyRule[] | undefined): Manifest => ({
  kind: 'Role',
  metadata: { name, namespace: inside, labels },
  ...(rules === undefined ? {} : { rules }),
});
const binding = (inside: string, name: string, to: RoleRef, subjects?: readonly RbacSubject[]): Manifest => ({
  kind: 'RoleBinding',
  metadata: { name, namespace: inside, labels },
  roleRef: { apiGroup: rbacGroup, ...to },
  ...(subjects === undefined ? {} : { subjects }),
});

const readPods: readonly PolicyRule[] = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }];
const user = (name: string): RbacSubject => ({ kind: 'User', name });
const everywhere = { kind: 'ClusterRole', name: 'contract-viewer' } as const;

/** What a server holds when it is described; in the order in which they can be created, by the manager `kubectl-create`. */
export const contractObjects: readonly Manifest[] = [
  ...readers,
  // Keys sort as bytes, and the separator comes after "-".
  namespace('contract-a', { team: 'sports', tier: 'web' }),
  namespace('contract-a-b', { team: 'media' }),
  namespace('contract-empty'),
  ...['reader', 'Reader', 'a:b', 'a b', 'a.b', 'a-b', 'ü', '𝒳', '\u{ffee}'].map((name) =>
    role('contract-a', name, readPods),
  ),
  role('contract-a', 'no-rules', undefined),
  role('contract-a', 'empty-rules', []),
  role('contract-a-b', 'logs', [
    { verbs: ['get'], apiGroups: [''], resources: ['*/log'] },
    { verbs: ['*'], apiGroups: ['apps'], resources: ['*'], resourceNames: ['web'] },
  ]),
  binding('contract-a', 'readers', { kind: 'Role', name: 'reader' }, [
    user('user.jo'),
    { kind: 'ServiceAccount', name: 'bot' },
  ]),
  binding('contract-a', 'others', { kind: 'Role', name: 'reader' }, [
    { kind: 'Group', name: 'devs' },
    { kind: 'ServiceAccount', name: 'bot', namespace: 'contract-a-b' },
  ]),
  binding('contract-a', 'no-subjects', everywhere),
  binding('contract-a', 'empty-subjects', everywhere, []),
  binding('contract-a-b', 'viewers', everywhere, [user('user.vi'), user('user.vi')]),
  binding('contract-a-b', 'logs', { kind: 'Role', name: 'logs' }, [user('user.lo')]),
  binding('contract-a-b', 'dangling', { kind: 'Role', name: 'gone' }, [user('user.da'), user('nobody')]),
  binding('contract-a-b', 'one', { kind: 'ClusterRole', name: 'athenz-gitops-reader' }, [user('one')]),
  { kind: 'ClusterRole', metadata: { name: everywhere.name, labels }, rules: readPods },
  {
    kind: 'ClusterRoleBinding',
    metadata: { name: 'contract-everywhere', labels },
    roleRef: { apiGroup: rbacGroup, ...everywhere },
    subjects: [user('user.ev'), { kind: 'ServiceAccount', name: 'ev', namespace: 'contract-a' }],
  },
];

/** Written after them, by the manager `kubectl-replace`. */
export const contractUpdates: readonly Manifest[] = [
  {
    ...binding('contract-a-b', 'viewers', everywhere, [user('user.vi')]),
    metadata: {
      name: 'viewers',
      namespace: 'contract-a-b',
      labels: { ...labels, by: 'hand' },
      annotations: { why: 'x' },
    },
  },
  role('contract-a', 'no-rules', readPods),
  // Nothing changes, so nothing is written.
  role('contract-a', 'a:b', readPods),
];

/** Applied after those, server-side and by force, by the manager `gitops`. */
export const contractApplied: readonly Manifest[] = [
  binding('contract-a', 'applied', everywhere, []),
  binding('contract-a', 'readers', { kind: 'Role', name: 'reader' }, [
    user('user.jo'),
    user('user.al'),
    { kind: 'ServiceAccount', name: 'bot' },
  ]),
];
