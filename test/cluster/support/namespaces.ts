import { type Api, ApiError } from './api.ts';
import { type ObjectList, rbac } from './objects.ts';

/** On every namespace that these tests make: no other one is touched. */
export const ownLabel = 'athenz-gitops.io/test-cluster';

interface Namespace {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

function isOwn({ metadata: { labels = {} } }: Namespace): boolean {
  return labels[ownLabel] === 'true';
}

/** Namespaces of a cluster that neither it nor these tests made. */
export function foreign(namespaces: readonly Namespace[]): readonly string[] {
  const others = namespaces.filter((it) => !isOwn(it)).map((it) => it.metadata.name);
  return others.filter((name) => !/^(default|kube-.*|local-path-storage)$/.test(name));
}

/** Makes these namespaces, or takes the Roles and RoleBindings out of them that another test left. */
export async function clearNamespaces(api: Api, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => clearNamespace(api, name)));
}

/** As `clearNamespaces`, for what is read by programs that look at the whole cluster. */
export async function clearCluster(api: Api, names: readonly string[]): Promise<void> {
  const { items } = await api.get<ObjectList<Namespace>>('/api/v1/namespaces');
  const own = items.filter(isOwn).map(({ metadata }) => metadata.name);
  await clearNamespaces(api, [...new Set([...names, ...own])]);
}

async function clearNamespace(api: Api, name: string): Promise<void> {
  try {
    await api.post('/api/v1/namespaces', { metadata: { name, labels: { [ownLabel]: 'true' } } });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    const there = await api.get<Namespace>(`/api/v1/namespaces/${name}`);
    if (!isOwn(there)) throw new Error(`namespace ${name} is not of these tests`);
    for (const kind of ['rolebindings', 'roles']) await api.delete(`${rbac}/namespaces/${name}/${kind}`);
  }
}
