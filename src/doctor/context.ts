import { wantedDomains } from '../generators/rbac/source.ts';
import { listBaseRefs } from '../git/base-refs.ts';
import { commitTree } from '../git/commit-tree.ts';
import { workTree } from '../git/work-tree.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { FileTree } from '../model/tree.ts';
import type { Io } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import type { Workspace } from '../run/workspace.ts';
import { type Finding, findingsOf } from './finding.ts';

/** What every check may look at. */
export interface DoctorContext {
  readonly io: Io;
  readonly workspace: Workspace;
  /** The work tree: a repository that has not been committed to can be checked too. Of an empty clone, as a pod has, the fetched base. */
  readonly tree: FileTree;
  readonly inventory: readonly ClusterInventory[];
  /** Domains of the namespaces there are, sorted. */
  readonly domains: readonly string[];
}

/** @returns with what went wrong: namespaces that could not be read are none */
export async function openContext(
  io: Io,
  workspace: Workspace,
): Promise<{ readonly context: DoctorContext; readonly findings: readonly Finding[] }> {
  const { config } = workspace;
  const tree = await treeOf(workspace);
  const ask = askingCluster(io, workspace, false);
  const inventory: ClusterInventory[] = [];
  const findings: Finding[] = [];
  // One by one: what is wrong with one cluster is nothing to the others.
  for (const cluster of config.clusters) {
    const failed = await findingsOf('namespaces', async () => {
      inventory.push(...(await gatherInventory({ config: { ...config, clusters: [cluster] } }, tree, ask)));
      return [];
    });
    findings.push(...failed);
  }
  const domains = [...wantedDomains(config, inventory).keys()].sort();
  return { context: { io, workspace, tree, inventory, domains }, findings };
}

async function treeOf({ config: { forge }, root, repository }: Workspace): Promise<FileTree> {
  const fetched =
    repository === undefined || repository.head !== undefined
      ? undefined
      : await listBaseRefs(repository.git, forge.base, forge.remote);
  if (repository !== undefined && fetched !== undefined)
    return commitTree(repository.git, fetched.base.commit, repository.objectFormat);
  return workTree(root, repository?.objectFormat ?? 'sha1', repository?.git);
}
