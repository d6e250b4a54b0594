import type { Kept } from '../core/change.ts';
import { unitKey } from '../core/unit.ts';
import type { DesiredNamespace, Draft } from '../generators/rbac/desired.ts';
import { configuredRbac } from '../generators/rbac/generator.ts';
import { openRbac } from '../generators/rbac/open.ts';
import type { RbacFile } from '../generators/rbac/role.ts';
import { type ClusterInventory, withPresumed } from '../model/inventory.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { listOwned } from '../run/owned-files.ts';
import { incompleteIn, walkTree } from '../run/walk-tree.ts';
import type { Workspace } from '../run/workspace.ts';
import { worldOf } from '../run/world.ts';
import { type PlannedInput, roleKey } from './planned.ts';
import type { Unread } from './result.ts';
import { uniqueUnread } from './summarize.ts';

/** What Athenz and git ask for, without the documents behind it: those are let go of before the clusters are read. */
export interface WantedState {
  readonly polledAt: string;
  /** Sent to ZMS. */
  readonly requests: number;
  /** By cluster, the namespaces to look at in any case. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
  readonly sides: PlannedInput;
  readonly unread: readonly Unread[];
}

/** Polls Athenz and reads git. @throws AppError as `assess` does */
export async function readWanted(
  io: Io,
  flags: CommonFlags & { readonly snapshot?: string },
  workspace: Workspace,
  tree: FileTree,
): Promise<WantedState> {
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const configured = configuredRbac(workspace);
  const options = { tree, inventory, world: worldOf(io, workspace, flags) };
  const files = await listOwned(configured, tree);
  const opened = await openRbac({ ...configured.setting, ...options, templates: tree }, { whole: true });
  try {
    const drafts = new Map<string, readonly Draft[]>();
    const keep = ({ unit, state }: DesiredNamespace) => void drafts.set(unitKey(unit), state);
    const { walked } = await walkTree(configured, options, opened, files, keep);
    const kept = walked.clusters.flatMap(({ decisions }) => decisions.flatMap((it) => it.kept));
    const unread = [...incompleteIn(inventory), ...kept].map(({ cluster, namespace, problem }) => {
      return { cluster, ...(namespace === undefined ? {} : { namespace }), problem };
    });
    return {
      polledAt: opened.asOf,
      requests: opened.sources[0]?.requests ?? 0,
      namespaces: wantedNamespaces(walked.current, withPresumed(inventory)),
      sides: {
        ...sidesOf(walked.current, [...files], kept, inventory),
        context: opened.context,
        drafts: [...drafts.values()].flat(),
      },
      unread: uniqueUnread(unread),
    };
  } finally {
    await opened.close();
  }
}

/** Those with a file, and those that need one. */
function wantedNamespaces(
  current: readonly RbacFile[],
  inventory: readonly ClusterInventory[],
): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map(inventory.map(({ cluster, namespaces }) => [cluster, namespaces.map(({ name }) => name)]));
  for (const { cluster, parsed } of current) {
    if ('state' in parsed) wanted.get(cluster)?.push(...parsed.state.map(({ namespace }) => namespace));
  }
  return new Map([...wanted].map(([cluster, names]) => [cluster, [...new Set(names)]]));
}

function sidesOf(
  current: readonly RbacFile[],
  files: readonly TreeFile[],
  kept: readonly Kept[],
  inventory: readonly ClusterInventory[],
): Omit<PlannedInput, 'context' | 'drafts'> {
  const unknown = kept.flatMap(({ cluster, namespace, part, problem }) =>
    namespace === undefined || part === undefined
      ? []
      : [[roleKey({ cluster, namespace, role: part }), problem] as const],
  );
  const incomplete = inventory.flatMap(({ cluster, problems: [problem] }) =>
    problem === undefined ? [] : [[cluster, problem] as const],
  );
  return {
    current,
    files: new Set(files.map(({ path }) => path)),
    unknown: new Map(unknown),
    incomplete: new Map(incomplete),
  };
}
