import { configuredCopies } from '../generators/copies/generator.ts';
import { openCopies } from '../generators/copies/open.ts';
import type { Condition, SyncStatus } from '../generators/copies/status.ts';
import { statusOf } from '../generators/copies/status.ts';
import { AppError, exitCode } from '../model/error.ts';
import { readBase } from '../propose/base.ts';
import { withRemoteAccess } from '../propose/open-forge.ts';
import { alignColumns } from '../report/columns.ts';
import { toJson } from '../report/json.ts';
import { visible } from '../report/visible.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { listOwned } from '../run/owned-files.ts';
import { incompleteIn, walkTree } from '../run/walk-tree.ts';
import { openGitWorkspace, type Workspace } from '../run/workspace.ts';
import { worldOf } from '../run/world.ts';
import { tellWhy } from './quiet.ts';

/**
 * `copies status`: what became of each ObjectSync at the base, in the shape of its status. Nothing is written.
 *
 * @returns the exit code: 4 where an ObjectSync is held, 3 where a source could not be read
 */
export async function runCopiesStatus(io: Io, flags: CommonFlags): Promise<number> {
  const workspace = await withRemoteAccess(io, await openGitWorkspace(io, flags), logOf(io, flags));
  const { tree } = await readBase(workspace, io, flags);
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const configured = configuredCopies(requireCopies(workspace));
  const options = { tree, inventory, world: worldOf(io, workspace, flags) };
  const files = await listOwned(configured, tree);
  const opened = await openCopies({ ...configured.setting, ...options, templates: tree });
  try {
    const { walked } = await walkTree(configured, options, opened, files);
    const statuses = [...opened.clusters.values()].flatMap(({ compiled }) => statusOf(compiled, walked));
    const decisions = walked.clusters.flatMap((it) => it.decisions);
    const held = [...(opened.held ?? []), ...walked.held, ...decisions.flatMap((it) => it.held ?? [])];
    const kept = [...incompleteIn(inventory), ...(opened.kept ?? []), ...decisions.flatMap((it) => it.kept)];
    const code = held.length > 0 ? exitCode.held : kept.length > 0 ? exitCode.partial : exitCode.done;
    const others = [...held, ...kept.map(({ problem }) => problem)].filter((it) => !isTold(it.message, statuses));
    if (flags.json)
      io.out(
        toJson({
          objectSyncs: statuses,
          others: [...new Map(others.map(({ code, message }) => [message, { code, message }])).values()],
        }),
      );
    else if (flags.quiet) tellWhy(io, flags, code);
    else {
      const lines = [...new Set(others.map(({ message }) => `\n${visible(message)}`))];
      io.out(
        `${statusText(statuses, workspace.config.clusters.length > 1)}\n${lines.map((line) => `${line}\n`).join('')}`,
      );
    }
    return code;
  } finally {
    await opened.close();
  }
}

function requireCopies(workspace: Workspace): Workspace {
  if (workspace.config.generators['copies'] !== undefined) return workspace;
  throw new AppError('USAGE', `${workspace.config.file} does not configure copies`, {
    next: 'add the key "copies" to it',
  });
}

/** Whether a problem is in the row of an ObjectSync. */
function isTold(message: string, statuses: readonly SyncStatus[]): boolean {
  return statuses.some(({ namespace, name, status: { conditions, destinations } }) => {
    if (message.startsWith(`ObjectSync ${namespace}/${name} (`)) return true;
    return conditions.some((it) => it.message === message) || destinations.some((it) => it.held === message);
  });
}

function conditionOf({ status: { conditions } }: SyncStatus, type: Condition['type']): Condition {
  const found = conditions.find((it) => it.type === type);
  if (found === undefined) throw new TypeError(`a status without ${type}`);
  return found;
}

/** As `kubectl get objectsyncs` shows them, with what kubectl leaves to `describe`. */
function statusText(statuses: readonly SyncStatus[], several: boolean): string {
  if (statuses.length === 0) return 'No ObjectSyncs found.';
  const head = [...(several ? ['CLUSTER'] : []), 'NAMESPACE', 'NAME', 'READY', 'INSYNC', 'MESSAGE'];
  const rows = statuses.map((it) => {
    const [ready, inSync] = [conditionOf(it, 'Ready'), conditionOf(it, 'InSync')];
    const message = ready.status === 'True' ? inSync.message : ready.message;
    const names = [...(several ? [it.cluster] : []), it.namespace, it.name].map((name) => visible(name));
    return [...names, ready.status, inSync.status, visible(message)];
  });
  return alignColumns([head, ...rows]);
}
