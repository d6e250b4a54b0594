import { AppError, exitCode } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { provisionOffline } from '../provision/offline.ts';
import { provisionOnline } from '../provision/online.ts';
import type { Provisioned, ProvisionFlags } from '../provision/read-flags.ts';
import type { ProvisionResult } from '../provision/result.ts';
import { renderProvision } from '../provision/text.ts';
import { toJson } from '../report/json.ts';
import type { Io } from '../run/io.ts';
import { printText, useColor } from '../run/terminal.ts';
import { tellActionsOfProvision } from './actions.ts';
import { tellWhy } from './quiet.ts';

/**
 * `provision`: what Athenz lacks of what the namespaces in git ask for; `--apply` creates it.
 *
 * @returns the exit code
 */
export async function runProvision(io: Io, flags: ProvisionFlags): Promise<number> {
  checkFlags(flags);
  const provision = flags.offline ? provisionOffline : provisionOnline;
  const found = await provision(io, flags);
  const result = {
    format: 'athenz-gitops provision 1',
    exitCode: exitCodeOfProvision(found, flags),
    ...found,
  } as const;
  await tell(io, flags, result);
  if (result.exitCode === exitCode.partial) checkStop(io.stop(), 'provisioning');
  return result.exitCode;
}

function checkFlags({ apply, offline, base, update, prune }: ProvisionFlags): void {
  if (apply && offline) {
    throw new AppError('USAGE', '--apply cannot be used with --offline, which plans from git alone', {
      next: 'use one of them',
    });
  }
  if (offline && (update || prune)) {
    const flag = update ? '--update' : '--prune';
    throw new AppError('USAGE', `${flag} cannot be used with --offline, which does not read Athenz`, {
      next: 'use one of them',
    });
  }
  if (base !== undefined && !offline) {
    throw new AppError('USAGE', '--base requires --offline', {
      next: 'add --offline, or leave out --base',
    });
  }
}

/** By precedence: something could not be done, something is left to do and that matters, done. */
function exitCodeOfProvision({ plan, steps, room, mode }: Provisioned, flags: ProvisionFlags): number {
  const failed = steps.some(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'skipped');
  const short = room.some(({ limit, used, wanted }) => used + wanted > limit);
  if (failed || short || plan.problems.length > 0) return exitCode.partial;
  const left = mode !== 'apply' && plan.domains.some((it) => it.steps.length > 0);
  return left && flags.exitCode ? exitCode.differences : exitCode.done;
}

async function tell(io: Io, flags: ProvisionFlags, result: ProvisionResult): Promise<void> {
  if (flags.json) io.out(toJson(result));
  else if (!flags.quiet) {
    printText(io, renderProvision(result, { color: useColor(io) }));
    const steps = result.plan.domains.some((it) => it.steps.length > 0);
    if (result.mode === 'plan' && steps) io.out('\nRun athenz-gitops provision --apply to make these changes.\n');
  }
  tellWhy(io, flags, result.exitCode);
  await tellActionsOfProvision(io, result);
}
