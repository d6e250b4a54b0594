import { readDomains, refuseBlindness } from '../athenz/poll.ts';
import { listing, reading, saveCache } from '../athenz/progress.ts';
import type { Zms } from '../athenz/zms.ts';
import type { DetailedDocument } from '../model/domain.ts';
import { reasonOf } from '../model/error.ts';
import { type Io, logOf } from '../run/io.ts';
import { progressLine } from '../run/terminal.ts';
import { domainsToRead, planProvision } from './plan.ts';
import type { ProvisionInput } from './plan-input.ts';
import type { ProvisionFlags } from './read-flags.ts';
import type { StepResult } from './result.ts';

/** The poll: the complete list, and the documents that the plan needs. */
export async function pollForProvision(
  io: Io,
  flags: ProvisionFlags,
  zms: Zms<DetailedDocument>,
  input: Omit<ProvisionInput, 'athenz'>,
): Promise<NonNullable<ProvisionInput['athenz']>> {
  const progress = progressLine(io, flags);
  try {
    progress.show(listing(zms.url));
    const stamps = await zms.listDomains();
    const list = stamps.all();
    const domains = await readDomains({
      zms,
      stamps,
      names: domainsToRead(input, list),
      progress: (done, total) => progress.show(reading(done, total)),
    });
    await saveCache(zms, logOf(io, flags).warn);
    // What the list lacks can be created, whatever becomes of the documents of others.
    if (![...domains.values()].some(({ kind }) => kind === 'absent')) refuseBlindness({ domains });
    return { list, domains };
  } finally {
    progress.clear();
  }
}

/** Reads what was written: the next run finds it in the cache, and what does not show is said. */
export async function lookAfter(
  io: Io,
  flags: ProvisionFlags,
  zms: Zms<DetailedDocument>,
  input: Omit<ProvisionInput, 'athenz'>,
  steps: readonly StepResult[],
): Promise<void> {
  const { warn } = logOf(io, flags);
  try {
    const after = planProvision({ ...input, athenz: await pollForProvision(io, flags, zms, input) });
    const open = new Set(after.domains.flatMap(({ domain, steps }) => steps.map((step) => nameOf(domain, step))));
    const lost = steps.filter(({ domain, step, outcome }) => outcome.kind === 'done' && open.has(nameOf(domain, step)));
    for (const { domain, step } of lost.slice(0, 20)) {
      warn(`${domain}: ZMS accepted ${nameOf('', step).trim()} and does not return it yet; the next run checks again`);
    }
  } catch (error) {
    warn(`reading what was written: ${reasonOf(error)}`);
  }
}

/** What a step is about, without its settings. */
function nameOf(domain: string, step: StepResult['step']): string {
  const about = 'role' in step ? step.role : 'group' in step ? step.group : 'policy' in step ? step.policy : '';
  return `${domain} ${step.kind} ${about}`;
}
