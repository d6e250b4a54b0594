import type { Setting } from '../../core/generator.ts';
import type { Territory } from '../../core/territory.ts';
import { AppError } from '../../model/error.ts';
import type { Marker } from '../objects/marker.ts';
import { objectTerritory } from '../objects/territory.ts';
import type { MirrorsConfig } from './config.ts';

/** Keeps the folder of a cluster from becoming empty. */
export const mirrorMarker: Marker = { name: 'athenz-gitops-mirrors', inventory: 'mirrors' };
/** The same on the branch of addresses. */
export const addressMarker: Marker = { name: 'athenz-gitops-mirror-addresses', inventory: 'mirror-addresses' };

/** Its unit, but for the cluster: no Service is called that. */
export const addressUnit = { name: 'addresses' } as const;

const advice = {
  collision: 'give each a name of its own, or add {namespace} and {object} to mirrors.path as separate folders',
  foreign: 'restore or move it, or list it under mirrors.keep',
  obstacle: 'set mirrors.path to a folder used only by athenz-gitops',
};

/** The folders of mirrored Services. @throws AppError `CONFIG_INVALID` where clusters would share one, or do not exist */
export function mirrorsTerritory(setting: Setting<MirrorsConfig>): Territory {
  const { config, clusters, filtered } = setting;
  // A filter leaves out others, which may be meant.
  for (const [index, { source, destination }] of filtered ? [] : config.services.entries()) {
    const named = 'cluster' in source ? [source.cluster, destination.cluster] : [destination.cluster];
    const missing = named.find((name) => !clusters.includes(name));
    if (missing === undefined) continue;
    throw new AppError('CONFIG_INVALID', `mirrors.services[${index}] names ${missing}, which is no cluster`, {
      next: 'correct it, or add the cluster to clusters',
    });
  }
  return objectTerritory(setting, { key: 'mirrors', markers: [mirrorMarker.name, addressMarker.name], advice });
}
