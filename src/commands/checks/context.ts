import { workTree } from '../../git/work-tree.ts';
import type { ClusterInventory } from '../../model/inventory.ts';
import type { FileTree } from '../../model/tree.ts';
import { wantedDomains } from '../assess.ts';
import type { Io } from '../io.ts';
import { askingCluster, readNamespaces } from '../namespaces.ts';
import type { Workspace } from '../workspace.ts';

/** What every check may look at. */
export interface DoctorContext {
  readonly io: Io;
  readonly workspace: Workspace;
  /** The work tree: a repository that has not been committed to can be looked at too. */
  readonly tree: FileTree;
  readonly inventory: readonly ClusterInventory[];
  /** Domains of the namespaces there are, sorted. */
  readonly domains: readonly string[];
}

export async function openContext(io: Io, workspace: Workspace): Promise<DoctorContext> {
  const { config, root, repository } = workspace;
  const tree = workTree(root, repository?.objectFormat ?? 'sha1', repository?.git);
  const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace, false));
  return { io, workspace, tree, inventory, domains: [...wantedDomains(config, inventory).keys()].sort() };
}
