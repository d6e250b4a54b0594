import type { Generator, Setting } from '../../core/generator.ts';
import { compareText } from '../../model/text.ts';
import type { CopyChange } from './change.ts';
import type { CopyUnit } from './compare.ts';
import { type CopiesConfig, copiesSchema } from './config.ts';
import { openCopies } from './open.ts';
import { type CopyState, parseCopy } from './parse.ts';
import { copiesTerritory } from './territory.ts';
import { copyWords } from './words.ts';

/** Copies of objects in other namespaces, as ObjectSyncs say: a copy at a time. */
export const copies: Generator<CopiesConfig, CopyState, CopyUnit, CopyChange> = {
  name: 'copies',
  schema: copiesSchema,
  territory: copiesTerritory,
  open: openCopies,
  parse: (_, content) => parseCopy(content),
  limits: ({ config: { limits } }) => ({
    removed: { code: 'LIMIT_REMOVED', setting: 'maxRemovedCopies', noun: 'copy', share: limits.maxRemovedCopies },
    added: { code: 'LIMIT_ADDED', setting: 'maxAddedCopies', noun: 'copy', share: limits.maxAddedCopies },
  }),
  words: copyWords,
  // By object, as they are listed; in one, by namespace.
  compareChanges: (a, b) =>
    compareText(a.cluster, b.cluster) ||
    compareText(a.detail.object, b.detail.object) ||
    compareText(a.effect, b.effect) ||
    compareText(a.namespace ?? '', b.namespace ?? ''),
};

/** It, as a config asks for it that has the key `copies`. */
export function configuredCopies({
  config,
  filtered,
  inRoot,
}: {
  readonly config: {
    readonly clusters: readonly { readonly name: string }[];
    readonly generators: Readonly<Record<string, unknown>>;
  };
} & Pick<Setting, 'filtered' | 'inRoot'>) {
  const clusters = config.clusters.map(({ name }) => name);
  const setting: Setting<CopiesConfig> = {
    config: config.generators['copies'] as CopiesConfig,
    filtered,
    inRoot,
    clusters,
  };
  return { generator: copies, setting, territory: copies.territory(setting) };
}
