import { type Manifest, type RbacSubject, type RoleRef, rbacGroup, type Texts } from './object.ts';

/** What the server makes of a manifest: defaults are filled in, what is empty is left out. */
export function toStored({ kind, metadata, rules, subjects, roleRef, apiVersion: _, ...rest }: Manifest): Manifest {
  const { name, namespace, annotations } = metadata;
  const labels = kind === 'Namespace' ? { 'kubernetes.io/metadata.name': name, ...metadata.labels } : metadata.labels;
  const common = {
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...some('labels', labels),
      ...some('annotations', annotations),
    },
  };
  switch (kind) {
    case 'Namespace':
      return { ...common, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } as Manifest;
    case 'Role':
    case 'ClusterRole':
      return { ...common, rules: rules === undefined || rules?.length === 0 ? null : rules };
    case 'ConfigMap':
    case 'Endpoints':
    case 'Service':
    case 'EndpointSlice':
      return { ...rest, ...common };
    default:
      if (roleRef === undefined) throw new Error(`${kind} ${name} has no roleRef`);
      return {
        ...common,
        ...(subjects === undefined || subjects === null || subjects.length === 0
          ? {}
          : { subjects: subjects.map(subject) }),
        roleRef: ref(roleRef),
      };
  }
}

function ref({ kind, name }: RoleRef): RoleRef {
  return { apiGroup: rbacGroup, kind, name };
}

function subject({ kind, name, namespace }: RbacSubject): RbacSubject {
  const place = namespace === undefined ? {} : { namespace };
  return kind === 'ServiceAccount' ? { kind, name, ...place } : { kind, apiGroup: rbacGroup, name, ...place };
}

function some(key: 'labels' | 'annotations', texts: Texts | undefined): object {
  return texts === undefined || Object.keys(texts).length === 0 ? {} : { [key]: texts };
}
