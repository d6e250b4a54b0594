import type { Api } from './api.ts';
import { type ObjectList, rbac } from './objects.ts';

interface ClusterRole {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly rules: readonly object[] | null;
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly { readonly matchLabels: Readonly<Record<string, string>> }[];
  };
}

/**
 * Gives `view`, `edit` and `admin` their rules where they have none. The server makes them empty: putting their rules
 * together from the roles that they select is the work of a controller, which there may not be.
 */
export async function fillClusterRoles(api: Api): Promise<void> {
  // Each selects those before it.
  for (const name of ['view', 'edit', 'admin']) {
    const { items } = await api.get<ObjectList<ClusterRole>>(`${rbac}/clusterroles`);
    const role = items.find(({ metadata }) => metadata.name === name);
    if (role === undefined || (role.rules ?? []).length > 0) continue;
    const selected = items.filter(({ metadata: { labels = {} } }) =>
      role.aggregationRule?.clusterRoleSelectors.some(({ matchLabels }) =>
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
      ),
    );
    await api.patch(`${rbac}/clusterroles/${name}`, { rules: selected.flatMap(({ rules }) => rules ?? []) });
  }
}
