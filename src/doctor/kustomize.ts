import { isKustomization } from '../core/kustomization.ts';
import { findStale } from '../core/stale.ts';
import { configuredRbac } from '../generators/rbac/generator.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { compileLayout } from '../model/layout.ts';
import { describeStale } from '../report/stale.ts';
import { kustomizationPaths, readKustomizations } from '../run/kustomizations.ts';
import type { Workspace } from '../run/workspace.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Kustomization files in and above the output folders, held against what the namespaces of the work tree render to. */
export async function checkKustomizations({ workspace, tree, inventory }: DoctorContext): Promise<readonly Finding[]> {
  const { territory } = configuredRbac(workspace);
  const folders = territory.roots;
  const files = await tree.list([...folders, ...kustomizationPaths(folders)]);
  const kustomizations = readKustomizations(files, await tree.read(files.filter(({ path }) => isKustomization(path))));
  if (kustomizations.length === 0) return [];
  const rendered = renderedPaths(workspace, inventory);
  const whole = workspace.config.clusters.every(
    ({ name }) => inventory.find((it) => it.cluster === name)?.problems.length === 0,
  );
  const stays = (path: string) => !whole || isKustomization(path) || !territory.isRenderedAt(path);
  const stale = findStale({
    kustomizations,
    paths: new Set([...files.map(({ path }) => path).filter(stays), ...rendered]),
    rendered,
    clusterAt: territory.clusterAt,
  });
  if (stale.length === 0) return [ok('kustomize', 'every kustomization lists the rendered files')];
  return stale.flatMap((it) =>
    describeStale(it, (text) => text).map((text) => warning('kustomize', text, `correct ${it.path}`)),
  );
}

/** What a run renders, or will once Athenz is asked. */
function renderedPaths({ config }: Workspace, inventory: readonly ClusterInventory[]): ReadonlySet<string> {
  const layout = compileLayout(config.output.path);
  return new Set(
    config.clusters.flatMap(({ name: cluster, roles }) => {
      const namespaces = inventory.find((it) => it.cluster === cluster)?.namespaces ?? [];
      return namespaces.flatMap(({ name: namespace }) =>
        roles.map(({ athenzRole: role }) => layout.pathOf({ cluster, namespace, role })),
      );
    }),
  );
}
