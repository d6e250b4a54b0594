import type { Api } from './api.ts';
import { type ObjectList, type RbacObject, rbac } from './objects.ts';

/** One change of an object, and what it was after it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: RbacObject;
}

/** Every change of a namespace's RoleBindings while something is done, in order, with none left out. */
export async function changesDuring(api: Api, namespace: string, work: () => Promise<unknown>) {
  const path = `${rbac}/namespaces/${namespace}/rolebindings`;
  const { metadata } = await api.get<ObjectList<RbacObject>>(path);
  await work();
  // Told of as the last, so that nothing can come after.
  const end = await api.post<RbacObject>(path, {
    metadata: { generateName: 'end-' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'none' },
  });
  const changes: Change[] = [];
  for await (const change of api.watch<Change>(`${path}?watch=true&resourceVersion=${metadata.resourceVersion}`)) {
    if (change.object.metadata.uid === end.metadata.uid) break;
    changes.push(change);
  }
  await api.delete(`${path}/${end.metadata.name}`);
  return changes;
}
