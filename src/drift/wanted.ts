import type { Unread } from '../model/drift.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { FileTree } from '../model/tree.ts';
import { type Assessment, assess } from '../run/assess.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { askingCluster, readNamespaces } from '../run/namespaces.ts';
import { chooseSource } from '../run/source.ts';
import type { Workspace } from '../run/workspace.ts';
import { type PlannedInput, roleKey } from './planned.ts';
import { uniqueUnread } from './result.ts';

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
  const { athenz } = workspace.config;
  const source = chooseSource(io, athenz, flags);
  try {
    const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace));
    const assessment = await assess({ workspace, tree, inventory, source });
    const unread = assessment.plan.kept.map(({ cluster, namespace, problem }) => {
      return { cluster, ...(namespace === undefined ? {} : { namespace }), problem };
    });
    return {
      polledAt: assessment.snapshot.takenAt,
      requests: source.requests,
      namespaces: wantedNamespaces(assessment, inventory),
      sides: sidesOf(assessment, inventory),
      unread: uniqueUnread(unread),
    };
  } finally {
    await source.close();
  }
}

/** Those with a file, and those that need one. */
function wantedNamespaces(
  { drafted }: Assessment,
  inventory: readonly ClusterInventory[],
): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map(inventory.map(({ cluster, namespaces }) => [cluster, namespaces.map(({ name }) => name)]));
  for (const { cluster, parsed } of drafted.current) {
    if (parsed.kind === 'rendered') wanted.get(cluster)?.push(...parsed.roles.map(({ namespace }) => namespace));
  }
  return new Map([...wanted].map(([cluster, names]) => [cluster, [...new Set(names)]]));
}

function sidesOf({ drafted, plan }: Assessment, inventory: readonly ClusterInventory[]): WantedState['sides'] {
  const { context, drafts, current, files } = drafted;
  const unknown = plan.kept.flatMap(({ cluster, namespace, role, problem }) =>
    namespace === undefined || role === undefined ? [] : [[roleKey({ cluster, namespace, role }), problem] as const],
  );
  const incomplete = inventory.flatMap(({ cluster, problems: [problem] }) =>
    problem === undefined ? [] : [[cluster, problem] as const],
  );
  return {
    context,
    drafts,
    current,
    files: new Set(files.map(({ path }) => path)),
    unknown: new Map(unknown),
    incomplete: new Map(incomplete),
  };
}
