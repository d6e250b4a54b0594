import type { CommonFlags, Io } from '../run/io.ts';
import type { Workspace } from '../run/workspace.ts';
import { ownerTag } from './owner.ts';
import type { ProvisionInput } from './plan-input.ts';
import type { ProvisionResult } from './result.ts';

export interface ProvisionFlags extends CommonFlags {
  readonly apply?: boolean;
  readonly offline?: boolean;
  readonly base?: string;
  readonly update?: boolean;
  readonly prune?: boolean;
  readonly exitCode?: boolean;
}

/** A result, before it is known what the process ends with. */
export type Provisioned = Omit<ProvisionResult, 'format' | 'exitCode'>;

/** What the config and the flags say; the rest is read. */
export function inputOf(
  io: Io,
  { config, configPath: path, filtered }: Workspace,
  flags: ProvisionFlags,
): Omit<ProvisionInput, 'inventory' | 'athenz'> {
  const asked = config.provision.prune === false && flags.prune ? 'report' : config.provision.prune;
  return {
    config: { ...config, owner: ownerTag(config, path) },
    update: flags.update === true,
    // A domain may belong to a cluster that was not read.
    prune: filtered ? false : asked,
    now: new Date(io.clock.now()),
  };
}
