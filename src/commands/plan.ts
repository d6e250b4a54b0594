import { commitOf } from '../git/commit-of.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { Accepted } from '../model/change.ts';
import type { FileTree } from '../model/tree.ts';
import { proposedScopes } from '../plan/scope.ts';
import { readOwnBase, tellAhead } from '../propose/base.ts';
import { withRemoteAccess } from '../propose/open-forge.ts';
import { letThroughBefore } from '../propose/tips.ts';
import { baseWitness } from '../propose/witness.ts';
import { assess } from '../run/assess.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, readNamespaces } from '../run/namespaces.ts';
import { isPullRequest, isUnmerged } from '../run/pull-request-ref.ts';
import { buildResult } from '../run/result.ts';
import { chooseSource } from '../run/source.ts';
import { type GitWorkspace, openGitWorkspace } from '../run/workspace.ts';
import { warnOfDomainless } from './domainless.ts';
import { tellResult } from './result.ts';

export interface PlanFlags extends CommonFlags, Accepted {
  readonly snapshot?: string;
  readonly at?: Date;
  readonly exitCode?: boolean;
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
  const state = await readOwnBase(workspace, io, flags);
  const { base, tree } = state;
  const accepted = { ...flags, before: letThroughBefore(state) };
  const { at } = flags;
  const source = chooseSource(io, config.athenz, flags);
  try {
    const own = isPullRequest(io.env) ? await readHead(workspace) : undefined;
    if (own === undefined) await tellAhead(workspace, base, io, flags);
    const inventory = await readNamespaces(workspace, own?.tree ?? tree, askingCluster(io, workspace));
    const assessment = await assess({
      workspace,
      tree,
      inventory,
      source,
      accepted,
      witness: baseWitness(workspace, state),
      ...(own === undefined ? {} : { templates: own.tree }),
      ...(at === undefined ? {} : { at }),
    });
    warnOfDomainless(io, flags, workspace, inventory, assessment.snapshot);
    const result = buildResult({
      command: 'plan',
      assessment,
      requests: source.requests,
      base,
      ...(own === undefined ? {} : { pullRequest: { commit: own.commit } }),
      differencesMatter: flags.exitCode === true,
    });
    const changes = assessment.plan.files.length > 0;
    const where = config.forge.repository ?? 'this repository';
    // sync refuses to run for what is not merged yet.
    const how = isUnmerged(io.env)
      ? 'Once this is merged, athenz-gitops sync proposes'
      : 'Run athenz-gitops sync to propose';
    const next = changes ? `${how} the changes to ${where}.` : '';
    await tellResult(io, flags, result, proposedScopes(assessment.plan, config.forge), next);
    return result.exitCode;
  } finally {
    await source.close();
  }
}

/** The commit that is checked out: of a pull request, usually its merge into the base. */
async function readHead({ repository }: GitWorkspace): Promise<{ readonly commit: string; readonly tree: FileTree }> {
  const { git, objectFormat } = repository;
  const commit = await commitOf(git, 'HEAD', 'HEAD');
  return { commit, tree: commitTree(git, commit, objectFormat) };
}
