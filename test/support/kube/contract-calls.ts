import { selectors } from './contract-selectors.ts';
import { rbacGroup } from './object.ts';

/** `one` may read the namespace contract-a-b only. */
export type ContractUser = 'admin' | 'reader' | 'one' | 'nobody' | 'stranger' | 'anonymous';

export interface ContractCall {
  readonly user: ContractUser;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Default: `application/json`. */
  readonly type?: string;
}

const rbac = `/apis/${rbacGroup}/v1`;
const namespaces = '/api/v1/namespaces';
const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const own = 'labelSelector=contract%3Dyes';

const get = (user: ContractUser, path: string): ContractCall => ({ user, method: 'GET', path });
const selector = (text: string) => get('reader', `${namespaces}?labelSelector=${encodeURIComponent(text)}`);
const post = (user: ContractUser, body: string): ContractCall => ({ user, method: 'POST', path: reviews, body });
const ask = (spec: object, user: ContractUser = 'reader') =>
  post(user, JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }));
const may = (user: string, verb: string, resource: string, namespace: string, more = {}) =>
  ask({ user, resourceAttributes: { verb, resource, namespace, ...more } });

/** Lists that are read page by page. */
export const pagedLists: readonly string[] = [
  `${namespaces}?${own}`,
  `${rbac}/roles?${own}`,
  `${rbac}/rolebindings?${own}`,
  `${rbac}/namespaces/contract-a/roles`,
  `${rbac}/namespaces/contract-a-b/rolebindings`,
  `${rbac}/namespaces/contract-empty/roles`,
];

const denials = (['one', 'nobody', 'anonymous', 'stranger'] as const).flatMap((user) => [
  get(user, namespaces),
  get(user, `${namespaces}/contract-a`),
  get(user, `${namespaces}/contract-a-b`),
  get(user, `${rbac}/roles`),
  get(user, `${rbac}/namespaces/contract-a/rolebindings`),
  get(user, `${rbac}/namespaces/contract-a-b/rolebindings?limit=1`),
  get(user, `${rbac}/namespaces/contract-a/roles/reader`),
  get(user, `${rbac}/nope`),
  get(user, '/nope'),
  ask({ user: 'user.jo', resourceAttributes: { verb: 'get' } }, user),
]);

/** A fixed script; what is read in it does not depend on what else the server holds. */
export const contractCalls: readonly ContractCall[] = [
  get('reader', `${namespaces}/contract-a`),
  get('reader', `${namespaces}/contract-a/`),
  get('reader', `${namespaces}/missing`),
  ...['viewers', 'missing'].map((name) => get('reader', `${rbac}/namespaces/contract-a-b/rolebindings/${name}`)),
  ...['reader', 'no-rules', 'empty-rules', '%C3%BC', 'a%20b'].map((name) =>
    get('reader', `${rbac}/namespaces/contract-a/roles/${name}`),
  ),
  ...['applied', 'readers'].map((name) => get('reader', `${rbac}/namespaces/contract-a/rolebindings/${name}`)),
  get('reader', `${rbac}/namespaces/missing/roles`),
  get('reader', `${rbac}/namespaces/missing/roles/x`),
  get('reader', `${rbac}/rolebindings/x`),
  get('reader', `${rbac}/clusterroles`),
  get('admin', `${rbac}/clusterroles/missing`),
  get('admin', `${rbac}/clusterroles/contract-viewer`),
  get('admin', `${rbac}/clusterrolebindings/contract-everywhere`),
  get('admin', `${rbac}/nope`),
  get('admin', `${rbac}/namespaces/contract-a`),
  get('admin', `${namespaces}/contract-a/roles`),
  ...['/nope', '/apis/nope', '/readyz'].map((path) => get('admin', path)),
  get('reader', `${namespaces}/contract-a/pods`),
  get('reader', reviews),
  get('admin', reviews),
  get('admin', `${reviews}/x`),
  { user: 'reader', method: 'POST', path: namespaces, body: '{}' },
  { user: 'reader', method: 'DELETE', path: `${namespaces}/contract-a` },
  { user: 'reader', method: 'DELETE', path: `${rbac}/namespaces/contract-a/roles` },
  { user: 'reader', method: 'PUT', path: `${rbac}/namespaces/contract-a/roles/reader`, body: '{}' },
  { user: 'reader', method: 'PATCH', path: `${rbac}/namespaces/contract-a/roles/reader`, body: '{}' },
  ...[
    'limit=x',
    'limit=9223372036854775808',
    'continue=x',
    'continue=ab!c',
    'continue=YQ',
    'resourceVersion=x',
    'fieldSelector=x%3Dy',
  ].map((query) => get('reader', `${namespaces}?${query}`)),
  ...['limit=0', 'limit=-1', 'limit=3', 'limit=11', 'limit=12', 'resourceVersion=0', 'fieldSelector=x%3Dy'].map(
    (query) => get('reader', `${rbac}/namespaces/contract-a/roles?${query}`),
  ),
  get('reader', `${rbac}/namespaces/contract-a/roles?fieldSelector=metadata.name%3Dreader`),
  ...selectors.map(selector),
  ...denials,
  may('user.jo', 'get', 'pods', 'contract-a'),
  may('user.jo', 'get', 'pods', 'contract-a', { name: 'web', version: 'v1' }),
  may('user.jo', 'delete', 'pods', 'contract-a'),
  may('user.jo', 'get', 'pods', 'contract-a', { subresource: 'log' }),
  may('user.jo', 'get', 'pods', 'contract-a', { group: 'apps' }),
  may('user.jo', '*', '*', 'contract-a', { group: '*' }),
  may('user.jo', 'get', 'pods', 'contract-a-b'),
  may('user.jo', 'get', 'pods', 'missing'),
  may('user.jo', 'get', 'pods', ''),
  may('User.Jo', 'get', 'pods', 'contract-a'),
  may('system:serviceaccount:contract-a:bot', 'list', 'pods', 'contract-a'),
  may('system:serviceaccount:contract-a-b:bot', 'list', 'pods', 'contract-a'),
  may('system:serviceaccount:contract-empty:bot', 'list', 'pods', 'contract-a'),
  may('user.vi', 'list', 'pods', 'contract-a-b'),
  may('user.vi', 'list', 'pods', 'contract-a'),
  may('user.lo', 'get', 'pods', 'contract-a-b', { subresource: 'log' }),
  may('user.lo', 'get', 'pods', 'contract-a-b'),
  may('user.lo', 'patch', 'deployments', 'contract-a-b', { group: 'apps', name: 'web' }),
  may('user.lo', 'patch', 'deployments', 'contract-a-b', { group: 'apps' }),
  may('user.da', 'get', 'pods', 'contract-a-b'),
  may('user.ev', 'get', 'pods', 'contract-a'),
  may('user.ev', 'get', 'pods', ''),
  may('system:serviceaccount:contract-a:ev', 'get', 'pods', 'missing'),
  may('reader', 'list', 'roles', 'contract-a', { group: rbacGroup }),
  ask({
    user: 'x',
    groups: ['a', 'devs'],
    resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'contract-a' },
  }),
  ask({ groups: ['devs'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'contract-a' } }),
  ask({ user: 'x', groups: ['system:masters'], resourceAttributes: { verb: '*', group: '*', resource: '*' } }),
  ask({ user: 'user.jo', nonResourceAttributes: { path: '/x', verb: 'get' } }),
  ask({ user: 'user.jo', resourceAttributes: {}, nonResourceAttributes: { path: '/x', verb: 'get' } }),
  ask({ user: 'user.jo' }),
  ask({}),
  ask({ resourceAttributes: { verb: 'get' } }),
  post('reader', '{}'),
  { ...post('reader', 'kind: SubjectAccessReview'), type: 'text/plain' },
  post('reader', '{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1"}'),
];
