import type { Generator } from '../../core/generator.ts';
import { compareText } from '../../model/text.ts';
import { addressBranch } from './addresses.ts';
import type { MirrorChange } from './change.ts';
import { type MirrorsConfig, mirrorsSchema } from './config.ts';
import type { MirrorState } from './desired.ts';
import { openMirrors } from './open.ts';
import { type Held, parseMirror } from './parse.ts';
import { mirrorsTerritory } from './territory.ts';
import { watchedBy } from './watched.ts';
import { mirrorWords } from './words.ts';

/** Services of one cluster, rendered for another: a Service at a time. */
export const mirrors: Generator<MirrorsConfig, Held, MirrorState, MirrorChange> = {
  name: 'mirrors',
  schema: mirrorsSchema,
  territory: mirrorsTerritory,
  watched: watchedBy,
  direct: addressBranch,
  open: openMirrors,
  parse: (_, content) => parseMirror(content),
  limits: ({ config: { limits } }) => ({
    removed: {
      code: 'LIMIT_REMOVED',
      setting: 'maxRemovedServices',
      noun: 'service',
      share: limits.maxRemovedServices,
    },
    added: { code: 'LIMIT_ADDED', setting: 'maxAddedServices', noun: 'service', share: limits.maxAddedServices },
  }),
  words: mirrorWords,
  // A slice that comes or goes is not a Service that does.
  given: (state) => new Map(state.kind === 'head' ? [['', {}]] : []),
  // By Service, as they are listed; in one, by namespace.
  compareChanges: (a, b) =>
    compareText(a.cluster, b.cluster) ||
    compareText(a.detail.object, b.detail.object) ||
    compareText(a.effect, b.effect) ||
    compareText(a.namespace ?? '', b.namespace ?? ''),
};
