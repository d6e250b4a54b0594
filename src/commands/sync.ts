import type { Accepted } from '../core/change.ts';
import { listAhead } from '../core/list-ahead.ts';
import { proposedScopes } from '../core/scope.ts';
import { splitDirect } from '../core/split-direct.ts';
import { exitCode, type Problem, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import type { Proposal } from '../model/proposal.ts';
import { notify, notifyFailure } from '../notify/notify.ts';
import { readBase, tellAhead } from '../propose/base.ts';
import { proposeBranches } from '../propose/branches.ts';
import { claimAll } from '../propose/claim.ts';
import { consentOf } from '../propose/consent.ts';
import { commitDirect, type DirectState, readDirect } from '../propose/direct.ts';
import { withStrays } from '../propose/misplaced.ts';
import { openForge } from '../propose/open-forge.ts';
import { createPublisher } from '../propose/publish.ts';
import { removes } from '../propose/pull-text.ts';
import { proposePulls } from '../propose/pulls.ts';
import { saveUnread, tellUnread } from '../propose/unread.ts';
import { baseWitness } from '../propose/witness.ts';
import type { RunReport } from '../report/run-report.ts';
import { assessAll } from '../run/assess.ts';
import { type Configured, configuredGenerators, watchedBy } from '../run/generators.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { ownedPaths } from '../run/owned-files.ts';
import { refusePullRequest } from '../run/pull-request-ref.ts';
import { buildReport } from '../run/report.ts';
import { type GitWorkspace, openGitWorkspace } from '../run/workspace.ts';
import { type ReadFlags, worldOf } from '../run/world.ts';
import { describeProposal } from './describe.ts';
import { type MetricsFlags, metered } from './metering.ts';
import { tellReport } from './result.ts';

export interface SyncFlags extends CommonFlags, Accepted, Pick<ReadFlags, 'deadline'> {
  readonly dryRun?: boolean;
}

/** `sync`. @returns the exit code */
export function runSync(io: Io, flags: SyncFlags & MetricsFlags): Promise<number> {
  return metered(io, flags, async () => {
    const { report, lines } = await syncOnce(io, flags).catch(async (error) => {
      if (!flags.dryRun) await tellFailure(io, flags, toProblem(error));
      throw error;
    });
    await tellReport(io, flags, report, lines.join('\n'));
    if (report.exitCode === exitCode.failure) checkStop(io.stop(), 'proposing');
    return { code: report.exitCode, report };
  });
}

/** Notifies of a run that came to nothing. */
export async function tellFailure(io: Io, flags: SyncFlags, { code, message }: Problem): Promise<void> {
  await notifyFailure({ io, log: logOf(io, flags) }, { type: 'failed', code, message });
}

/** What one run did. */
export interface Synced {
  readonly report: RunReport;
  /** What became of each proposal, a line each. */
  readonly lines: readonly string[];
}

/**
 * The main job: git at one commit, the sources read, the difference planned, and proposed as one commit per scope.
 *
 * @param begins told what the run is about, before anything else is read
 * @throws AppError where nothing could be planned
 */
export async function syncOnce(
  io: Io,
  flags: SyncFlags,
  begins: (workspace: GitWorkspace, configured: readonly Configured[]) => void = () => {},
): Promise<Synced> {
  refusePullRequest(io.env, 'sync');
  const log = logOf(io, flags);
  const { workspace, forge } = await openForge(io, await openGitWorkspace(io, flags), log);
  const { config } = workspace;
  const { dryRun = false } = flags;

  const configured = await configuredGenerators(io, workspace);
  begins(workspace, configured);
  const state = await readBase(workspace, io, flags);
  const owned = await claimAll(workspace, configured, state);
  await tellAhead(workspace, state.base, io, flags);
  log.debug(`base ${state.base.branch} at ${state.base.commit}`);

  const tree = listAhead(state.tree, configured.flatMap(ownedPaths));
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const world = worldOf(io, workspace, flags);
  const directs = new Map<string, DirectState | undefined>();
  const { done, failed } = await assessAll(configured, async (it) => {
    const own = owned.of(it.generator.name);
    const accepted: Accepted = { ...flags, approvedEarlier: await consentOf(own, forge) };
    const direct = await readDirect(workspace, it, own, tree);
    directs.set(it.generator.name, direct);
    const base = direct?.tree ?? tree;
    return { tree: base, inventory, world, accepted, witness: baseWitness(workspace, own, it) };
  });

  const told = await Promise.all(
    done.map((it) => tellUnread({ workspace, state: owned.of(it.generator.name), warn: log.warn }, it)),
  );
  const planned = told.map((it) => {
    const direct = directs.get(it.generator.name);
    const assessment = withStrays(it, direct);
    const { generator, plan } = assessment;
    const own = owned.of(generator.name);
    const paced = watchedBy(assessment).length > 0;
    const run = { io, workspace, state: own, assessment, dryRun, paced, warn: log.warn };
    const attempt = forge === undefined ? proposeBranches(run) : proposePulls({ run, forge });
    const split = splitDirect(plan, direct, generator);
    const proposed = proposedScopes(split.proposed, generator, config.forge);
    const publisher = createPublisher(workspace, own, generator, attempt);
    const scopes = split.direct === undefined ? proposed : [...proposed, split.direct];
    return { run, assessment, scopes, proposed, publisher, direct, committed: split.direct };
  });
  const proposals: Proposal[] = [];
  const wanted = planned.flatMap(({ proposed, publisher }) => proposed.map((scope) => ({ scope, publisher })));
  // What removes goes first: nothing may keep it waiting.
  for (const { scope, publisher } of wanted.sort((a, b) => Number(removes(b.scope)) - Number(removes(a.scope)))) {
    proposals.push(await publisher.propose(scope));
  }
  for (const { run, direct, committed } of planned) {
    if (direct !== undefined && committed !== undefined) proposals.push(await commitDirect(run, direct, committed));
  }
  if (!workspace.filtered) {
    for (const { proposed, publisher } of planned) proposals.push(...(await publisher.withdrawOthers(proposed)));
    if (!dryRun) for (const { run } of planned) await saveUnread(run);
  }

  const alerts = { alerts: config.alerts, now: io.clock.now() };
  const report = buildReport({
    command: 'sync',
    planned,
    failed,
    inventory,
    dryRun,
    base: state.base,
    proposals,
    ...alerts,
  });
  const lines = proposals.map((it) => describeProposal(it, { kind: config.forge.kind, dryRun }));
  if (!dryRun && !workspace.filtered) {
    const [primary] = configured;
    if (primary === undefined) throw new TypeError('no generator is configured');
    const state = owned.of(primary.generator.name);
    await notify({ io, workspace, state, report, recorded: configured, log });
  }
  return { report, lines: lines.filter((line) => line !== '') };
}
