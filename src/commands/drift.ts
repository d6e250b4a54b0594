import { askProbes } from '../drift/ask.ts';
import { type KubeFlags, openClusters, readClusters, withKube } from '../drift/clusters.ts';
import { explainDrift } from '../drift/explain.ts';
import { renderDriftMarkdown } from '../drift/markdown.ts';
import type { DriftResult } from '../drift/result.ts';
import { compareSides } from '../drift/sides.ts';
import { driftOf, exitCodeOfDrift, unreadFiles } from '../drift/summarize.ts';
import { renderDrift } from '../drift/text.ts';
import { readWanted } from '../drift/wanted.ts';
import { AppError } from '../model/error.ts';
import { outputFolders } from '../model/layout.ts';
import { readBase, tellAhead } from '../propose/base.ts';
import { withRemoteAccess } from '../propose/open-forge.ts';
import { toJson } from '../report/json.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import type { OpenedCluster } from '../run/open-cluster.ts';
import { printText, useColor } from '../run/terminal.ts';
import { openGitWorkspace } from '../run/workspace.ts';
import { tellActionsOfDrift } from './actions.ts';
import { tellWhy } from './quiet.ts';

export interface DriftFlags extends CommonFlags, KubeFlags {
  readonly snapshot?: string;
  readonly markdown?: boolean;
  /** How many grants and as many non-grants to ask the API server about. */
  readonly probe?: number;
}

/**
 * `drift`: Athenz now, the base branch and the live clusters, binding by binding and down to the subject. Writes nothing.
 *
 * @returns the exit code: 3 when something could not be read, else 5 when something differs
 */
export async function runDrift(io: Io, flags: DriftFlags): Promise<number> {
  if (flags.json && flags.markdown) {
    throw new AppError('USAGE', '--json and --markdown cannot be used together', { next: 'use one of them' });
  }
  const reached = withKube(io, await openGitWorkspace(io, flags), flags);
  const workspace = await withRemoteAccess(io, reached, logOf(io, flags));
  const { repository } = workspace;
  const opened = openClusters(io, workspace, flags);
  try {
    const state = await readBase(workspace, io, flags);
    await tellAhead(workspace, state.base, io, flags);
    const wanted = await readWanted(io, flags, workspace, state.tree);
    const { live, unread } = await readClusters(opened, wanted.namespaces);
    const compared = compareSides({ ...wanted.sides, live });
    const folders = outputFolders(wanted.sides.context);
    const bindings = await explainDrift(io, flags, repository.git, state, compared, folders);
    const asked = flags.probe === undefined ? undefined : await askProbes(io, flags, opened, compared);
    const probe = asked?.probe;
    const all = [...unread, ...wanted.unread, ...unreadFiles(compared), ...(asked?.unread ?? [])];
    const result: DriftResult = {
      format: 'athenz-gitops drift 1',
      exitCode: exitCodeOfDrift(bindings, all, probe),
      polledAt: wanted.polledAt,
      base: state.base,
      requests: { zms: wanted.requests, cluster: requestsOf(opened) },
      clusters: live.map((cluster) => driftOf(cluster, compared)),
      bindings,
      unread: all,
      ...(probe === undefined ? {} : { probe }),
    };
    await tell(io, flags, result);
    return result.exitCode;
  } finally {
    await Promise.all([...opened.values()].map(({ session }) => session.close()));
  }
}

function requestsOf(opened: ReadonlyMap<string, OpenedCluster>): number {
  return [...opened.values()].reduce((sum, { session }) => sum + session.requests, 0);
}

async function tell(io: Io, flags: DriftFlags, result: DriftResult): Promise<void> {
  if (flags.json) io.out(toJson(result));
  else if (flags.markdown) io.out(renderDriftMarkdown(result));
  else if (!flags.quiet) printText(io, renderDrift(result, { color: useColor(io) }));
  tellWhy(io, flags, result.exitCode);
  await tellActionsOfDrift(io, result);
}
