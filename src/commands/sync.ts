import type { Accepted } from '../model/change.ts';
import type { Proposal } from '../model/result.ts';
import { proposedScopes } from '../plan/scope.ts';
import { readOwnBase, tellAhead } from '../propose/base.ts';
import { proposeBranches } from '../propose/branches.ts';
import { consentOf } from '../propose/consent.ts';
import { openForge } from '../propose/open-forge.ts';
import { createPublisher } from '../propose/publish.ts';
import { takesAway } from '../propose/pull-text.ts';
import { proposePulls } from '../propose/pulls.ts';
import { baseWitness } from '../propose/witness.ts';
import { assess } from '../run/assess.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, readNamespaces } from '../run/namespaces.ts';
import { refusePullRequest } from '../run/pull-request-ref.ts';
import { buildResult } from '../run/result.ts';
import { liveSource } from '../run/source.ts';
import { openGitWorkspace } from '../run/workspace.ts';
import { describeProposal } from './describe.ts';
import { warnOfDomainless } from './domainless.ts';
import { tellResult } from './result.ts';

export interface SyncFlags extends CommonFlags, Accepted {
  readonly dryRun?: boolean;
}

/**
 * `sync`, the main job: git at one commit, Athenz polled, the difference planned, and proposed as one commit per scope.
 *
 * @returns the exit code
 */
export async function runSync(io: Io, flags: SyncFlags): Promise<number> {
  refusePullRequest(io.env, 'sync');
  const log = logOf(io, flags);
  const { workspace, forge } = await openForge(io, await openGitWorkspace(io, flags), log);
  const { config } = workspace;

  const state = await readOwnBase(workspace, io, flags);
  await tellAhead(workspace, state.base, io, flags);
  log.debug(`base ${state.base.branch} at ${state.base.commit}`);
  const source = liveSource(io, config.athenz, flags);
  try {
    const accepted = { ...flags, before: await consentOf(state, forge) };
    const inventory = await readNamespaces(workspace, state.tree, askingCluster(io, workspace));
    const witness = baseWitness(workspace, state);
    const assessment = await assess({ workspace, tree: state.tree, inventory, source, accepted, witness });
    warnOfDomainless(io, flags, workspace, inventory, assessment.snapshot);
    const scopes = proposedScopes(assessment.plan, config.forge);

    const run = { io, workspace, state, assessment, dryRun: flags.dryRun === true, warn: log.warn };
    const attempt = forge === undefined ? proposeBranches(run) : proposePulls({ run, forge });
    const publisher = createPublisher(workspace, state, attempt);
    const proposals: Proposal[] = [];
    // What removes access goes first: nothing may keep it waiting.
    for (const scope of [...scopes].sort((a, b) => Number(takesAway(b)) - Number(takesAway(a)))) {
      proposals.push(await publisher.propose(scope));
    }
    if (!workspace.filtered) proposals.push(...(await publisher.withdrawOthers(scopes)));

    const { requests } = source;
    const { dryRun = false } = flags;
    const result = buildResult({ command: 'sync', assessment, requests, dryRun, base: state.base, proposals });
    await tellResult(
      io,
      flags,
      result,
      scopes,
      proposals
        .map((it) => describeProposal(it, { kind: config.forge.kind, dryRun }))
        .filter((line) => line !== '')
        .join('\n'),
    );
    return result.exitCode;
  } finally {
    await source.close();
  }
}
