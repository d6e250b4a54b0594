import picomatch from 'picomatch';
import type { Setting } from '../../core/generator.ts';
import type { Territory } from '../../core/territory.ts';
import { AppError } from '../../model/error.ts';
import { isAtOrBelow } from '../../model/path.ts';
import type { FleetConfig } from './config.ts';
import { type FleetLayout, fleetLayout } from './layout.ts';

const advice = {
  collision: 'rename one of the two',
  foreign: 'restore or move it, or list it under fleet.keep',
  obstacle: 'set fleet.path to a folder used only by athenz-gitops',
};

type Paths = Pick<Setting<FleetConfig>, 'config' | 'inRoot'>;

export function layoutOf({ config, inRoot }: Paths): FleetLayout {
  return fleetLayout(inRoot(config.path));
}

/**
 * The cluster of the config that the fleet belongs to; undefined where a filter leaves it out. A fleet has thousands of clusters, which
 * the config does not list: to the core, all of them are of one cluster, and each is what a namespace is to other generators. So
 * there is one proposal and one limit for the fleet, and a large proposal is divided by its clusters.
 *
 * @throws AppError `CONFIG_INVALID` where none, or an unknown one, is named
 */
export function hubOf({ config, clusters, filtered }: Omit<Setting<FleetConfig>, 'inRoot'>): string | undefined {
  const { hub } = config;
  if (hub !== null) {
    if (clusters.includes(hub)) return hub;
    if (filtered) return undefined;
    throw new AppError('CONFIG_INVALID', `fleet.hub ${hub} is not in clusters`, { next: 'name one that is' });
  }
  const [only, ...others] = clusters;
  if (others.length === 0 && !filtered) return only;
  throw new AppError('CONFIG_INVALID', 'fleet.hub is missing', {
    next: 'name the cluster of clusters that manages the fleet',
  });
}

function clusterIn(found: ReturnType<FleetLayout['at']>): string | undefined {
  return typeof found === 'object' ? found.cluster : undefined;
}

/** The folder of the fleet, which is all of its hub. @throws AppError as `hubOf` */
export function fleetTerritory(setting: Setting<FleetConfig>): Territory {
  const layout = layoutOf(setting);
  const { root } = layout;
  const hub = hubOf(setting);
  const isKept = picomatch(setting.config.keep.map(setting.inRoot), { dot: true });
  const clusterAt = (path: string) => (isAtOrBelow(root, path) ? hub : undefined);
  return {
    roots: [root],
    rootOf: () => root,
    clusterAt,
    clusterOf: clusterAt,
    // The hub is not where Flux is, and objects on two clusters have equal names.
    ...(setting.config.kind === 'HelmRelease' ? { appliedTo: (path: string) => clusterIn(layout.at(path)) } : {}),
    isRenderedAt: (path) => layout.at(path) !== undefined,
    keeps: isKept,
    advice,
  };
}
