import { z } from 'zod';
import { fileGlobs, relativeGlob } from '../../config/glob-schema.ts';
import { percentage } from '../../config/units.ts';
import { label } from '../../model/label.ts';
import { keep, marker, namespaceName } from '../objects/config.ts';

/** What a module on a cluster is written as. */
const kind = z.enum(['HelmRelease', 'Application', 'HelmComponent']);

const path = relativeGlob
  .refine((it) => it.includes('{cluster}') && it.includes('{module}'), { error: 'must contain {cluster} and {module}' })
  .refine((it) => /^([^{}*?[\]\\\p{Cc}]|\{(cluster|module|shard)\})+$/u.test(it), {
    error: 'may contain {cluster}, {module} and {shard}, and no other braces, wildcards or backslashes',
  })
  .refine((it) => /^[^{}]+\/.*\{cluster\}[^{}/]*\/[^/]*\{module\}[^{}/]*$/.test(it), {
    error: 'must have a folder of its own, then one for each {cluster} that holds a file for each {module}',
  })
  .refine((it) => /\.ya?ml$/.test(it), { error: 'must end in .yaml or .yml: Flux ignores other files' })
  .refine((it) => it.split('/').every((part) => !/^(|\.|\.\.|\.git)$/i.test(part)), {
    error: 'must have no empty part, no ".", ".." and no ".git"',
  });

/** One per cent of a large fleet is a canary, and a cluster has some twenty modules. */
const share = z.strictObject({ percent: percentage.prefault(1), floor: z.int().min(0).default(20) });

/** What the config holds below `fleet`. */
export const fleetSchema = z
  .strictObject({
    path: path
      .default('fleet/{shard}/{cluster}/{module}.yaml')
      .describe(
        'Where modules go. {cluster} is a cluster of the fleet, not one of clusters; {shard} spreads them over 256 folders. The folder belongs to athenz-gitops.',
      ),
    hub: z
      .string()
      .regex(label, 'must be the name of a cluster')
      .nullable()
      .default(null)
      .describe(
        'Which of clusters manages the fleet: proposals, limits and reports are under its name. Required with more than one.',
      ),
    inputs: z
      .strictObject({
        clusters: fileGlobs
          .default(['inputs/fleet/clusters/**/*.yaml'])
          .describe('Files with the clusters of the fleet, or Kyma resources; "!" excludes.'),
        modules: fileGlobs
          .default(['inputs/fleet/modules/**/*.yaml'])
          .describe('Files with modules; the same patterns.'),
        sets: fileGlobs
          .default(['inputs/fleet/sets/**/*.yaml'])
          .describe('Files with values that clusters share; the same patterns.'),
      })
      .prefault({}),
    kind: kind
      .default('HelmRelease')
      .describe(
        'What a module on a cluster is: HelmRelease (Flux on each cluster), Application (Argo CD on the hub) or HelmComponent.',
      ),
    namespace: namespaceName
      .nullable()
      .default(null)
      .describe(
        'Namespace of these objects. null: flux-system, argocd, or for a HelmComponent the namespace of its Kyma.',
      ),
    project: z.string().min(1).default('default').describe('Project of the Applications.'),
    allowDowngrade: z
      .boolean()
      .default(false)
      .describe('Renders lower versions than those in git, which are held otherwise.'),
    marker,
    keep,
    limits: z
      .strictObject({
        maxRemovedModules: share
          .nullable()
          .prefault({})
          .describe(
            'Removals beyond both are held until they are approved: a share of the modules on all clusters that are there now, and a number. null: no limit.',
          ),
        maxAddedModules: share.nullable().default(null).describe('The same for additions.'),
      })
      .prefault({}),
  })
  .describe('Modules on the clusters of a fleet.');

export type FleetConfig = z.output<typeof fleetSchema>;

/** The namespace of the objects. @param own that of the Kyma; not set for a cluster that is not one */
export function objectNamespace({ kind: of, namespace }: FleetConfig, own?: string): string {
  if (namespace !== null) return namespace;
  switch (of) {
    case 'HelmRelease':
      return 'flux-system';
    case 'Application':
      return 'argocd';
    case 'HelmComponent':
      return own ?? 'default';
  }
}
