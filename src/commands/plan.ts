import type { Accepted } from '../model/change.ts';
import { proposedScopes } from '../plan/scope.ts';
import { assess } from './assess.ts';
import { letThroughBefore, readOwnBase } from './base.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import { askingCluster, readNamespaces } from './namespaces.ts';
import { withRemoteAccess } from './open-forge.ts';
import { buildResult, tellResult } from './result.ts';
import { chooseSource } from './source.ts';
import { openGitWorkspace } from './workspace.ts';

export interface PlanFlags extends CommonFlags, Accepted {
  readonly snapshot?: string;
  readonly at?: Date;
  readonly exitCode?: boolean;
}

/**
 * `plan`: shows what `sync` would propose, and writes nothing.
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
    const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace));
    const assessment = await assess({
      workspace,
      tree,
      inventory,
      source,
      accepted,
      ...(at === undefined ? {} : { at }),
    });
    const result = buildResult({
      command: 'plan',
      assessment,
      requests: source.requests,
      base,
      differencesMatter: flags.exitCode === true,
    });
    const changes = assessment.plan.files.length > 0;
    const where = config.forge.repository ?? 'this repository';
    const next = changes ? `Run athenz-gitops sync to propose this to ${where}.` : '';
    await tellResult(io, flags, result, proposedScopes(assessment.plan, config.forge), next);
    return result.exitCode;
  } finally {
    await source.close();
  }
}
