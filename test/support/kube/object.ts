/** One entry of a Role's rules. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface RbacSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleRef {
  readonly apiGroup?: string;
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
}

export type Texts = Readonly<Record<string, string>>;

/** An object as somebody writes it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
  };
  readonly rules?: readonly PolicyRule[] | null;
  readonly subjects?: readonly RbacSubject[] | null;
  readonly roleRef?: RoleRef;
  /** What kinds besides those of RBAC have; kept as it is. */
  readonly [field: string]: unknown;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: object;
}

/** An object as the server keeps it: what only some kinds have is left out where they have not. */
export interface KubeObject extends Manifest {
  readonly apiVersion: string;
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly ManagedFields[];
  };
}

/** A kind that the stand-in keeps. */
export interface Kind {
  readonly kind: string;
  readonly resource: string;
  readonly group: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
}

export const rbacGroup = 'rbac.authorization.k8s.io';

const rbac = (kind: string, namespaced: boolean): Kind => ({
  kind,
  resource: `${kind.toLowerCase()}s`,
  group: rbacGroup,
  apiVersion: `${rbacGroup}/v1`,
  namespaced,
});

export const discoveryGroup = 'discovery.k8s.io';

export const kinds: readonly Kind[] = [
  { kind: 'ConfigMap', resource: 'configmaps', group: '', apiVersion: 'v1', namespaced: true },
  { kind: 'Endpoints', resource: 'endpoints', group: '', apiVersion: 'v1', namespaced: true },
  { kind: 'Service', resource: 'services', group: '', apiVersion: 'v1', namespaced: true },
  {
    kind: 'EndpointSlice',
    resource: 'endpointslices',
    group: discoveryGroup,
    apiVersion: `${discoveryGroup}/v1`,
    namespaced: true,
  },
  { kind: 'Namespace', resource: 'namespaces', group: '', apiVersion: 'v1', namespaced: false },
  rbac('Role', true),
  rbac('RoleBinding', true),
  rbac('ClusterRole', false),
  rbac('ClusterRoleBinding', false),
];

export function kindNamed(name: string): Kind {
  const found = kinds.find(({ kind }) => kind === name);
  if (found === undefined) throw new Error(`the stand-in keeps no ${name}`);
  return found;
}
