import picomatch from 'picomatch';
import type { Config } from '../../config/types.ts';
import type { Generator, Setting } from '../../core/generator.ts';
import { layoutTerritory, type TerritoryAdvice } from '../../core/territory.ts';
import type { AccessChange } from '../../model/access.ts';
import { compileLayout } from '../../model/layout.ts';
import { type RenderedRole, withFormerHeader } from '../../model/manifest.ts';
import { approvalOf, compareChanges, digestOf } from './change.ts';
import type { Draft } from './desired.ts';
import { givenBy } from './given.ts';
import { subjectsIn, unwrittenIn } from './listed.ts';
import { openRbac } from './open.ts';
import { parseFile } from './parse.ts';
import { parseProof } from './proof.ts';
import { toRbacResult } from './result.ts';
import { rbacWords } from './words/words.ts';

export const outputAdvice: TerritoryAdvice = {
  collision: 'use {cluster}, {namespace} and {role} as separate folders in output.path',
  foreign: 'move it out of the output folder, or list it under output.keep',
  obstacle: 'set output.path to a folder used only by athenz-gitops',
};

/** Athenz role memberships as Roles and RoleBindings, a namespace at a time. It is configured by the config's own keys. */
export const rbac: Generator<Config, readonly RenderedRole[], readonly Draft[], AccessChange> = {
  name: 'rbac',
  territory: ({ config, filtered }) =>
    layoutTerritory(
      compileLayout(config.output.path),
      config.clusters.map(({ name }) => name),
      {
        filtered,
        keeps: picomatch([...config.output.keep], { dot: true }),
        advice: outputAdvice,
      },
    ),
  open: openRbac,
  parse(_, content) {
    const parsed = parseFile(content);
    if (parsed.kind !== 'rendered') return parsed;
    const [first] = parsed.roles;
    const one = first !== undefined && parsed.roles.every(({ namespace }) => namespace === first.namespace);
    if (!one) return { kind: 'mixed', reason: 'it is not about one namespace', state: parsed.roles };
    return { kind: 'rendered', state: parsed.roles, unit: { namespace: first.namespace } };
  },
  limits: ({ config: { limits } }) => ({
    removed: {
      code: 'LIMIT_REMOVED_GRANTS',
      setting: 'maxRemovedGrants',
      noun: 'grant',
      share: limits.maxRemovedGrants,
    },
    added: { code: 'LIMIT_ADDED_GRANTS', setting: 'maxAddedGrants', noun: 'grant', share: limits.maxAddedGrants },
    approvalOf,
  }),
  digestOf,
  compareChanges,
  toResult: toRbacResult,
  words: rbacWords,
  former: withFormerHeader,
  entries: { entriesIn: subjectsIn, unwrittenIn },
  given: givenBy,
  parseProof,
};

/** It, as a config asks for it. */
export function configuredRbac({ config, filtered, inRoot }: Omit<Setting<Config>, 'clusters'>) {
  const setting: Setting<Config> = { config, filtered, inRoot, clusters: config.clusters.map(({ name }) => name) };
  return { generator: rbac, setting, territory: rbac.territory(setting) };
}
