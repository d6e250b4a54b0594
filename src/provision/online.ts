import { X509Certificate } from 'node:crypto';
import { principalOf } from '../athenz/credentials.ts';
import { parseDetailed } from '../athenz/details.ts';
import { zmsOf } from '../athenz/open-zms.ts';
import { openZmsSession } from '../athenz/session.ts';
import { type ZmsWrites, zmsWrites } from '../athenz/writes.ts';
import type { Zms } from '../athenz/zms.ts';
import type { DetailedDocument, DomainStamp } from '../model/domain.ts';
import { reasonOf } from '../model/error.ts';
import { readBase, tellAhead } from '../propose/base.ts';
import { withRemoteAccess } from '../propose/open-forge.ts';
import { type Io, logOf } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { refusePullRequest } from '../run/pull-request-ref.ts';
import { progressLine } from '../run/terminal.ts';
import { openGitWorkspace, type Workspace } from '../run/workspace.ts';
import { applyPlan } from './apply.ts';
import { planProvision } from './plan.ts';
import { lookAfter, pollForProvision } from './poll.ts';
import { inputOf, type Provisioned, type ProvisionFlags } from './read-flags.ts';
import type { ProvisionPlan, Room, StepResult } from './result.ts';
import { beyondRoom, wantedRoom } from './room.ts';

/** Plans against what ZMS has, and carries it out with `--apply`. @throws AppError where nothing could be read */
export async function provisionOnline(io: Io, flags: ProvisionFlags): Promise<Provisioned> {
  if (flags.apply) refusePullRequest(io.env, 'provision --apply', 'athenz-gitops provision --offline');
  const workspace = await withRemoteAccess(io, await openGitWorkspace(io, flags), logOf(io, flags));
  const { config } = workspace;
  const { base, tree } = await readBase(workspace, io, flags);
  await tellAhead(workspace, base, io, flags);
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const session = openZmsSession({
    config: config.athenz,
    env: io.env,
    clock: io.clock,
    halt: { stop: io.stop() },
  });
  try {
    const zms = zmsOf(session, parseDetailed);
    const polledAt = new Date(io.clock.now()).toISOString();
    const { cert } = await session.credentials();
    const principal = principalOf(new X509Certificate(cert));
    const input = { ...inputOf(io, workspace, flags), principal, inventory };
    const { list, domains } = await pollForProvision(io, flags, zms, input);
    const plan = planProvision({ ...input, athenz: { list, domains } });
    const { auditRef, resourceOwner: owner } = config.provision;
    const writes = zmsWrites({ session, auditRef, owner });
    const room = await measureRoom(io, flags, writes, plan, list);
    const steps = flags.apply ? await carryOut(io, flags, { workspace, writes, zms, plan, room }) : [];
    if (steps.length > 0) await lookAfter(io, flags, zms, input, steps);
    const mode = flags.apply ? 'apply' : 'plan';
    return { mode, polledAt, base, requests: session.requests, plan, room, steps };
  } finally {
    await session.close();
  }
}

/** Asks for the quotas that the plan meets, if it creates domains at all. */
async function measureRoom(
  io: Io,
  flags: ProvisionFlags,
  writes: ZmsWrites,
  plan: ProvisionPlan,
  list: readonly DomainStamp[],
): Promise<readonly Room[]> {
  const rooms = wantedRoom(plan, list).map(async (wanted): Promise<readonly Room[]> => {
    try {
      return [{ ...wanted, limit: await writes.subdomainQuota(wanted.top) }];
    } catch (error) {
      logOf(io, flags).warn(`${reasonOf(error)}; the quota is not checked`);
      return [];
    }
  });
  return (await Promise.all(rooms)).flat();
}

interface Work {
  readonly workspace: Workspace;
  readonly writes: ZmsWrites;
  readonly zms: Zms<DetailedDocument>;
  readonly plan: ProvisionPlan;
  readonly room: readonly Room[];
}

async function carryOut(io: Io, flags: ProvisionFlags, work: Work): Promise<readonly StepResult[]> {
  const { workspace, writes, zms, plan, room } = work;
  const { athenz } = workspace.config;
  const progress = progressLine(io, flags);
  const total = plan.domains.reduce((sum, { steps }) => sum + steps.length, 0);
  let done = 0;
  try {
    return await applyPlan({
      plan,
      writes,
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
