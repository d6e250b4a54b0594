import type { Accepted } from '../core/change.ts';
import { listAhead } from '../core/list-ahead.ts';
import { proposedScopes } from '../core/scope.ts';
import { splitDirect } from '../core/split-direct.ts';
import { commitOf } from '../git/commit-of.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { FileTree } from '../model/tree.ts';
import { readBase, tellAhead } from '../propose/base.ts';
import { claimAll } from '../propose/claim.ts';
import { type DirectState, readDirect } from '../propose/direct.ts';
import { withStrays } from '../propose/misplaced.ts';
import { withRemoteAccess } from '../propose/open-forge.ts';
import { approvedBefore } from '../propose/tips.ts';
import { tellUnread } from '../propose/unread.ts';
import { baseWitness } from '../propose/witness.ts';
import { assessAll } from '../run/assess.ts';
import { configuredGenerators } from '../run/generators.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { ownedPaths } from '../run/owned-files.ts';
import { isPullRequest, isUnmerged } from '../run/pull-request-ref.ts';
import { buildReport } from '../run/report.ts';
import { type GitWorkspace, openGitWorkspace } from '../run/workspace.ts';
import { type ReadFlags, worldOf } from '../run/world.ts';
import { tellReport } from './result.ts';

export interface PlanFlags extends CommonFlags, Accepted, ReadFlags {
  readonly exitCode?: boolean;
  readonly summary?: boolean;
}

/**
 * `plan`: shows what `sync` would propose, and writes nothing. In a pull request it is what `sync` would propose once that is
 * merged: its own namespaces and templates, which its config is made for, against the output of the base.
 *
 * @returns the exit code
 */
export async function runPlan(io: Io, flags: PlanFlags): Promise<number> {
  const workspace = await withRemoteAccess(io, await openGitWorkspace(io, flags), logOf(io, flags));
  const { config } = workspace;
  const configured = await configuredGenerators(io, workspace);
  const state = await readBase(workspace, io, flags);
  const owned = await claimAll(workspace, configured, state);
  const { base } = state;
  const tree = listAhead(state.tree, configured.flatMap(ownedPaths));
  const head = isPullRequest(io.env) ? await readHead(workspace) : undefined;
  if (head === undefined) await tellAhead(workspace, base, io, flags);

  const inventory = await gatherInventory(workspace, head?.tree ?? tree, askingCluster(io, workspace));
  const world = worldOf(io, workspace, flags);
  const directs = new Map<string, DirectState | undefined>();
  const { done, failed } = await assessAll(configured, async (it) => {
    const own = owned.of(it.generator.name);
    const accepted: Accepted = { ...flags, approvedEarlier: approvedBefore(own) };
    const templates = head === undefined ? {} : { templates: head.tree };
    const direct = await readDirect(workspace, it, own, tree);
    directs.set(it.generator.name, direct);
    return {
      tree: direct?.tree ?? tree,
      inventory,
      world,
      accepted,
      witness: baseWitness(workspace, own, it),
      ...templates,
    };
  });

  const told = await Promise.all(
    done.map((it) => tellUnread({ workspace, state: owned.of(it.generator.name), warn: logOf(io, flags).warn }, it)),
  );
  const planned = told.map((it) => {
    const state = directs.get(it.generator.name);
    const assessment = withStrays(it, state);
    const { generator, plan } = assessment;
    const { proposed, direct } = splitDirect(plan, state, generator);
    const scopes = proposedScopes(proposed, generator, config.forge);
    return { assessment, scopes: direct === undefined ? scopes : [...scopes, direct] };
  });
  const report = buildReport({
    command: 'plan',
    planned,
    failed,
    inventory,
    base,
    ...(head === undefined ? {} : { pullRequest: { commit: head.commit } }),
    alerts: config.alerts,
    now: io.clock.now(),
    differencesMatter: flags.exitCode === true,
  });
  const changes = done.some(({ plan }) => plan.files.length > 0);
  const where = config.forge.repository ?? 'this repository';
  // sync refuses to run for what is not merged yet.
  const how = isUnmerged(io.env)
    ? 'Once this is merged, athenz-gitops sync proposes'
    : 'Run athenz-gitops sync to propose';
  await tellReport(io, flags, report, changes ? `${how} the changes to ${where}.` : '');
  return report.exitCode;
}

/** The commit that is checked out: of a pull request, usually its merge into the base. */
async function readHead({ repository }: GitWorkspace): Promise<{ readonly commit: string; readonly tree: FileTree }> {
  const { git, objectFormat } = repository;
  const commit = await commitOf(git, 'HEAD', 'HEAD');
  return { commit, tree: commitTree(git, commit, objectFormat) };
}
