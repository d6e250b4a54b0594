import { AppError } from '../model/error.ts';
import type { Proposal } from '../model/result.ts';
import { splitScopes } from '../plan/scope.ts';
import { visible } from '../report/visible.ts';
import { assess } from './assess.ts';
import { readBase } from './base.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import { createPublisher } from './publish.ts';
import { buildResult, printResult } from './result.ts';
import { liveSource } from './source.ts';
import { openGitWorkspace } from './workspace.ts';

export interface SyncFlags extends CommonFlags {
  readonly dryRun?: boolean;
  readonly acceptRemovals?: string;
}

/**
 * `sync`, the main job: git at one commit, Athenz polled, the difference planned, and proposed as one commit per scope.
 *
 * @returns the exit code
 */
export async function runSync(io: Io, flags: SyncFlags): Promise<number> {
  refusePullRequest(io.env);
  const log = logOf(io, flags);
  const workspace = await openGitWorkspace(io, flags);
  const { config } = workspace;
  refuseForge(config.forge.kind);

  const state = await readBase(workspace, io, flags);
  log.debug(`base ${state.base.branch} at ${state.base.commit}`);
  const source = liveSource(io, config.athenz, flags);
  try {
    const accept = flags.acceptRemovals === undefined ? {} : { acceptRemovals: flags.acceptRemovals };
    const assessment = await assess({ workspace, tree: state.tree, source, ...accept });
    const scopes = splitScopes(assessment.plan, config.forge.groupBy);

    const publisher = createPublisher({ io, workspace, state, assessment, dryRun: flags.dryRun === true });
    const proposals: Proposal[] = [];
    for (const scope of scopes) proposals.push(await publisher.propose(scope));
    if (!workspace.filtered) proposals.push(...(await publisher.withdrawOthers(scopes)));

    const { requests } = source;
    const { dryRun = false } = flags;
    const result = buildResult({ command: 'sync', assessment, requests, dryRun, base: state.base, proposals });
    printResult(
      io,
      flags,
      result,
      scopes,
      proposals
        .map(describe)
        .filter((line) => line !== '')
        .join('\n'),
    );
    return result.exitCode;
  } finally {
    await source.close();
  }
}

/** One line of what became of a proposal. */
function describe({ branch: name, action, reason, commit }: Proposal): string {
  const branch = visible(name, 500);
  const why = reason === undefined ? '' : `: ${visible(reason, 500)}`;
  switch (action) {
    case 'none':
      return '';
    case 'create':
    case 'update': {
      const done = action === 'create' ? 'Proposed' : 'Proposed anew';
      return commit === undefined
        ? `Would propose ${branch}.`
        : `${done} as ${branch}: look at it with git log -1 -p --notes='*' ${branch}`;
    }
    case 'up-to-date':
      return `Proposed already as ${branch}, waiting to be merged.`;
    case 'delete':
      return `Took ${branch} away: it is not needed any more${why}.`;
    case 'leave':
      return `Left ${branch} as it is${why}.`;
    case 'blocked':
      return `Did not touch ${branch}${why}.`;
    case 'superseded':
      return `Left ${branch} to a later run${why}.`;
    case 'failed':
      return `Could not propose ${branch}${why}.`;
  }
}

/** A pull request from anywhere may change the config: nothing may be proposed in its name. */
function refusePullRequest(env: NodeJS.ProcessEnv): void {
  const ref = env['GITHUB_REF'] ?? '';
  const event = env['GITHUB_EVENT_NAME'] ?? '';
  if (!ref.startsWith('refs/pull/') && !event.startsWith('pull_request')) return;
  throw new AppError('PULL_REQUEST_REF', `sync does not run for a pull request (${ref || event})`, {
    next: 'run it on the base branch, by schedule or by hand; use athenz-gitops plan here',
  });
}

function refuseForge(kind: string): void {
  if (kind !== 'github') return;
  throw new AppError('USAGE', 'this version cannot open pull requests on GitHub yet', {
    next: 'set forge.kind to local or none, and forge.remote to the remote to push to',
  });
}
