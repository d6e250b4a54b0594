import { compare, parse } from 'semver';
import type { ChannelInput, ClusterInput, ModuleInput, ModuleUse } from './input.ts';
import type { FleetProblem } from './problem.ts';

/** The version of a module on a cluster, and where it is from. */
export interface Version {
  /** Not set for a module without versions, which a HelmComponent may be. */
  readonly version?: string;
  /** Set where a channel says it. */
  readonly channel?: string;
  /** What the channel adds to the module. */
  readonly values: ChannelInput['values'];
}

/** Decides which version a cluster gets. Pure: a rollout may hand in another one that delays some clusters. */
export type VersionOf = (
  cluster: ClusterInput,
  module: ModuleInput,
  use: ModuleUse | undefined,
) => Version | FleetProblem;

/** The channel of a cluster that names none (kyma-project/lifecycle-manager, `DefaultChannel`). */
const defaultChannel = 'regular';

/** What the cluster lists, else what the module has in the channel. */
export const versionOf: VersionOf = (cluster, { name, origin, channels }, use) => {
  const channel = use?.channel ?? cluster.channel ?? defaultChannel;
  const found = channels.get(channel);
  if (use?.version !== undefined) return { version: use.version, values: found?.values ?? {} };
  if (found !== undefined) return { version: found.version, channel, values: found.values };
  if (origin.kind === 'helmComponent' && channels.size === 0) return { values: {} };
  const message = `${name}: no version for channel "${channel}"`;
  return { code: 'FLEET_NO_VERSION', message, next: 'add it to the channels of the module, or correct the channel' };
};

/** What becomes of a version; undefined where the two cannot be compared, as they are no semantic versions. */
export function versionStep(from: string, to: string): 'upgrade' | 'downgrade' | 'same' | undefined {
  const [before, after] = [toSemver(from), toSemver(to)];
  if (before === null || after === null) return undefined;
  const order = compare(after, before);
  return order === 0 ? 'same' : order > 0 ? 'upgrade' : 'downgrade';
}

/** Also of what leaves out its last numbers: `v1.2`. */
function toSemver(version: string) {
  const [, core = '', rest = ''] = /^v?(\d+(?:\.\d+){0,2})([-+].*)?$/.exec(version) ?? [];
  if (core === '') return null;
  const numbers = [...core.split('.'), '0', '0'].slice(0, 3).map((it) => String(BigInt(it)));
  return parse(`${numbers.join('.')}${rest}`);
}
