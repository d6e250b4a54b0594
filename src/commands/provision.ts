import { parseDetailed } from '../athenz/details.ts';
import { readDomains } from '../athenz/poll.ts';
import { openSession, type Session } from '../athenz/session.ts';
import { zmsWrites } from '../athenz/writes.ts';
import { type Zms, zmsOf } from '../athenz/zms.ts';
import { commitTree } from '../git/commit-tree.ts';
import { workTree } from '../git/work-tree.ts';
import { readInventory } from '../inventory/inventory.ts';
import type { DetailedDocument, DomainStamp } from '../model/domain.ts';
import { AppError, exitCode, reasonOf } from '../model/error.ts';
import type { ProvisionPlan, ProvisionResult, Room, StepResult } from '../model/provision.ts';
import type { FileTree } from '../model/tree.ts';
import { applyPlan } from '../provision/apply.ts';
import { domainsToRead, type ProvisionInput, planProvision } from '../provision/plan.ts';
import { beyondRoom, wantedRoom } from '../provision/room.ts';
import { toJson } from '../report/json.ts';
import { renderProvision } from '../report/provision.ts';
import { tellActionsOfProvision } from './actions.ts';
import { refuseBlindness } from './assess.ts';
import { readBase } from './base.ts';
import { type CommonFlags, type Io, logOf, progressLine, useColor } from './io.ts';
import { withRemoteAccess } from './open-forge.ts';
import { refusePullRequest } from './pull-request-ref.ts';
import { openGitWorkspace, openWorkspace, type Workspace } from './workspace.ts';

export interface ProvisionFlags extends CommonFlags {
  readonly apply?: boolean;
  readonly offline?: boolean;
  readonly base?: string;
  readonly update?: boolean;
  readonly prune?: boolean;
  readonly exitCode?: boolean;
}

/**
 * `provision`: what Athenz lacks of what the namespaces in git ask for; `--apply` creates it.
 *
 * @returns the exit code
 */
export async function runProvision(io: Io, flags: ProvisionFlags): Promise<number> {
  checkFlags(flags);
  const result = flags.offline === true ? await planOffline(io, flags) : await planOnline(io, flags);
  await tell(io, flags, result);
  return result.exitCode;
}

function checkFlags({ apply, offline, base }: ProvisionFlags): void {
  if (apply && offline) {
    throw new AppError('USAGE', '--offline plans from git alone: there is nothing to --apply it to', {
      next: 'leave out one of the two',
    });
  }
  if (base !== undefined && !offline) {
    throw new AppError('USAGE', '--base compares two plans from git: it goes with --offline', {
      next: 'add --offline, or leave out --base',
    });
  }
}

/** From the namespaces of the work tree; with `--base` only what they ask for and those of that commit do not. */
async function planOffline(io: Io, flags: ProvisionFlags): Promise<ProvisionResult> {
  const workspace = await openWorkspace(io, flags);
  const { repository, root } = workspace;
  const format = repository?.objectFormat ?? 'sha1';
  const planOf = async (tree: FileTree) => {
    const inventory = await readInventory(workspace.config.clusters, tree);
    return planProvision({ ...inputOf(io, workspace, flags), inventory, athenz: undefined });
  };
  const plan = await planOf(workTree(root, format));
  const result = { mode: 'offline', requests: 0, room: [], steps: [] } as const;
  if (flags.base === undefined) return finish({ ...result, plan }, flags);
  const { git } = repository ?? {};
  const commit = (
    await git?.ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${flags.base}^{commit}`)
  )?.trim();
  if (git === undefined || !commit) {
    throw new AppError('USAGE', `--base ${flags.base}: there is no such commit here`, { next: 'fetch it first' });
  }
  const before = await planOf(commitTree(git, commit, format));
  const known = new Set(before.domains.map((it) => JSON.stringify(it)));
  const domains = plan.domains.filter((it) => !known.has(JSON.stringify(it)));
  return finish({ ...result, plan: { ...plan, domains } }, flags);
}

async function planOnline(io: Io, flags: ProvisionFlags): Promise<ProvisionResult> {
  if (flags.apply) refusePullRequest(io.env, 'provision --apply', 'athenz-gitops provision --offline');
  const workspace = await withRemoteAccess(io, await openGitWorkspace(io, flags), logOf(io, flags));
  const { config } = workspace;
  const { tree } = await readBase(workspace, io, flags);
  const inventory = await readInventory(config.clusters, tree);
  const session = openSession({ config: config.athenz, env: io.env, clock: io.clock });
  try {
    const zms = zmsOf(session, parseDetailed);
    const polledAt = new Date(io.clock.now()).toISOString();
    const input = { ...inputOf(io, workspace, flags), inventory };
    const { list, domains } = await look(io, flags, zms, input);
    const plan = planProvision({ ...input, athenz: { list, domains } });
    const room = await measureRoom(io, flags, session, plan, list);
    const steps = flags.apply ? await carryOut(io, flags, { workspace, session, zms, plan, room }) : [];
    const mode = flags.apply ? 'apply' : 'plan';
    return finish({ mode, polledAt, requests: session.requests, plan, room, steps }, flags);
  } finally {
    await session.close();
  }
}

function inputOf(
  io: Io,
  { config, filtered }: Workspace,
  flags: ProvisionFlags,
): Omit<ProvisionInput, 'inventory' | 'athenz'> {
  const asked = config.provision.prune === false && flags.prune ? 'report' : config.provision.prune;
  return {
    config,
    update: flags.update === true,
    // A domain may belong to a cluster that was not looked at.
    prune: filtered ? false : asked,
    now: new Date(io.clock.now()),
  };
}

/** The poll: the complete list, and the documents that the plan needs. */
async function look(
  io: Io,
  flags: ProvisionFlags,
  zms: Zms<DetailedDocument>,
  input: Omit<ProvisionInput, 'athenz'>,
): Promise<NonNullable<ProvisionInput['athenz']>> {
  const progress = progressLine(io, flags);
  try {
    progress.show(`listing the domains of ${zms.url} …`);
    const list = await zms.listDomains();
    const domains = await readDomains({
      zms,
      list,
      names: domainsToRead(input, list),
      progress: (done, total) => progress.show(`reading domain documents: ${done} of ${total}`),
    });
    await zms.saveCache(list).catch((error) => {
      logOf(io, flags).warn(`writing the cache: ${reasonOf(error)}; later runs read again what did not change`);
    });
    refuseBlindness({ domains });
    return { list, domains };
  } finally {
    progress.clear();
  }
}

/** Asks for the quotas that the plan meets, if it creates domains at all. */
async function measureRoom(
  io: Io,
  flags: ProvisionFlags,
  session: Session,
  plan: ProvisionPlan,
  list: readonly DomainStamp[],
): Promise<readonly Room[]> {
  const writes = zmsWrites({ session, auditRef: '', owner: null });
  const rooms = wantedRoom(plan, list).map(async (wanted): Promise<readonly Room[]> => {
    try {
      return [{ ...wanted, limit: await writes.subdomainQuota(wanted.top) }];
    } catch (error) {
      logOf(io, flags).warn(`${reasonOf(error)}; whether all domains fit is not known`);
      return [];
    }
  });
  return (await Promise.all(rooms)).flat();
}

interface Work {
  readonly workspace: Workspace;
  readonly session: Session;
  readonly zms: Zms<DetailedDocument>;
  readonly plan: ProvisionPlan;
  readonly room: readonly Room[];
}

async function carryOut(io: Io, flags: ProvisionFlags, work: Work): Promise<readonly StepResult[]> {
  const { workspace, session, zms, plan, room } = work;
  const { athenz, provision } = workspace.config;
  const progress = progressLine(io, flags);
  const total = plan.domains.reduce((sum, { steps }) => sum + steps.length, 0);
  let done = 0;
  try {
    return await applyPlan({
      plan,
      writes: zmsWrites({ session, auditRef: provision.auditRef, owner: provision.resourceOwner }),
      readDocument: zms.domainDocument,
      beyond: beyondRoom(plan, room),
      clock: io.clock,
      concurrency: athenz.concurrency,
      progress: () => progress.show(`writing to ${athenz.zmsUrl}: ${++done} of ${total}`),
    });
  } finally {
    progress.clear();
  }
}

function finish(parts: Omit<ProvisionResult, 'format' | 'exitCode'>, flags: ProvisionFlags): ProvisionResult {
  const { plan, steps, room, mode } = parts;
  const failed = steps.some(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'skipped');
  const short = room.some(({ limit, used, wanted }) => used + wanted > limit);
  const left = mode !== 'apply' && plan.domains.some((it) => it.steps.length > 0);
  const code =
    failed || short || plan.problems.length > 0
      ? exitCode.partial
      : left && flags.exitCode
        ? exitCode.differences
        : exitCode.done;
  return { format: 'athenz-gitops provision 1', exitCode: code, ...parts };
}

async function tell(io: Io, flags: ProvisionFlags, result: ProvisionResult): Promise<void> {
  if (flags.json) io.out(toJson(result));
  else if (!flags.quiet) {
    io.out(renderProvision(result, { color: useColor(io) }));
    const steps = result.plan.domains.some((it) => it.steps.length > 0);
    if (result.mode === 'plan' && steps) io.out('\nRun athenz-gitops provision --apply to do this.\n');
  }
  await tellActionsOfProvision(io, result);
}
