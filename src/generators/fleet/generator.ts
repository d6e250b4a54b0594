import type { Generator } from '../../core/generator.ts';
import { compareText } from '../../model/text.ts';
import type { ModuleChange } from './change.ts';
import { type FleetConfig, fleetSchema } from './config.ts';
import type { FleetUnit } from './desired.ts';
import { openFleetRun } from './open.ts';
import { type FleetState, parseFleet } from './parse.ts';
import { fleetTerritory } from './territory.ts';
import { fleetWords } from './words.ts';

/** Modules on the clusters of a fleet: a module on a cluster at a time. */
export const fleet: Generator<FleetConfig, FleetState, FleetUnit, ModuleChange> = {
  name: 'fleet',
  schema: fleetSchema,
  territory: fleetTerritory,
  open: openFleetRun,
  parse: (_, content) => parseFleet(content),
  limits: ({ config: { limits } }) => ({
    removed: { code: 'LIMIT_REMOVED', setting: 'maxRemovedModules', noun: 'module', share: limits.maxRemovedModules },
    added: { code: 'LIMIT_ADDED', setting: 'maxAddedModules', noun: 'module', share: limits.maxAddedModules },
  }),
  words: fleetWords,
  // By module, as they are listed; in one, by cluster.
  compareChanges: (a, b) =>
    compareText(a.detail.module, b.detail.module) ||
    compareText(a.effect, b.effect) ||
    compareText(a.namespace ?? '', b.namespace ?? ''),
};
