import type { Direct } from '../../core/direct.ts';
import type { Setting } from '../../core/generator.ts';
import { markerPath, objectLayout } from '../objects/territory.ts';
import type { MirrorsConfig } from './config.ts';
import { addressMarker } from './territory.ts';

/** Where addresses are committed without a proposal, if the config says so. */
export function addressBranch(setting: Setting<MirrorsConfig>): Direct | undefined {
  const { addresses } = setting.config;
  if (addresses === null) return undefined;
  const layout = objectLayout(setting);
  return {
    branch: addresses.branch,
    takes(path) {
      if (layout.objectAt(path)?.startsWith('endpointslice.')) return true;
      return path.endsWith(`/${addressMarker.name}.yaml`) && isMarkerPath(setting, path);
    },
  };
}

function isMarkerPath(setting: Setting<MirrorsConfig>, path: string): boolean {
  return setting.clusters.some((cluster) => markerPath(setting, addressMarker.name, cluster) === path);
}
