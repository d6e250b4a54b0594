import type { Setting } from '../../core/generator.ts';
import type { Territory } from '../../core/territory.ts';
import { objectTerritory } from '../objects/territory.ts';
import type { CopiesConfig } from './config.ts';
import { copyMarker } from './render.ts';

const advice = {
  collision: 'give each a name of its own, or add {namespace} and {object} to copies.path as separate folders',
  foreign:
    'restore or move it, or list it under copies.keep; adopt: true in a destination takes over the object of a copy',
  obstacle: 'set copies.path to a folder used only by athenz-gitops',
};

/** The folders of copies. @throws AppError `CONFIG_INVALID` where clusters would share one */
export function copiesTerritory(setting: Setting<CopiesConfig>): Territory {
  return objectTerritory(setting, { key: 'copies', markers: [copyMarker.name], advice });
}
