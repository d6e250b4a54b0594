import { z } from 'zod';
import { fileGlobs } from '../../config/glob-schema.ts';
import { keep, marker, objectPath, share } from '../objects/config.ts';

const names = (what: string) =>
  z.array(z.string()).default(['*']).describe(`${what} "*", "" and an empty list mean all.`);

/** A kind as the config names it: `ConfigMap`, `HelmRelease.helm.toolkit.fluxcd.io`. */
const kind = z
  .string()
  .regex(
    /^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$/,
    'must be a kind, such as ConfigMap or CronJob.batch',
  );

/** Kinds, of which Secret is never one. */
const copyableKinds = z
  .array(kind.refine((it) => it !== 'Secret', { error: 'must not be Secret: a copy in git would publish it' }))
  .default([]);

/** What the config holds below `copies`. */
export const copiesSchema = z
  .strictObject({
    path: objectPath
      .default('copies/{cluster}/{namespace}/{object}.yaml')
      .describe(
        'Where copies go. {object} is the kind, its group and the name: cronjob.batch.scan; {shard} may be used too. The folder belongs to athenz-gitops.',
      ),
    syncs: fileGlobs
      .default(['inputs/copies/**/*.yaml'])
      .describe('Files with ObjectSyncs; "!" excludes. A pattern with {cluster} is for that cluster alone.'),
    sources: fileGlobs
      .default(['sources/**/*.yaml'])
      .describe(
        'Files with the objects to copy, and CustomResourceDefinitions; the same patterns. Copies are never sources.',
      ),
    live: copyableKinds.describe(
      'Kinds, such as ConfigMap or CronJob.batch, that are read from the cluster if no file has the source; never Secret. athenz-gitops must be allowed to list them. Sources of a kind that leaves this list count as missing.',
    ),
    watchNamespaces: names('Namespaces whose ObjectSyncs are used.'),
    sourceNamespaces: names('Namespaces to copy from.'),
    targetNamespaces: names('Namespaces to copy to; the destination "*" means every namespace allowed here.'),
    allowedResources: z
      .array(z.strictObject({ apiGroups: z.array(z.string()).min(1), resources: z.array(z.string()).min(1) }))
      .default([{ apiGroups: ['*'], resources: ['*'] }])
      .describe('Resources that may be copied, as in a rule of a Role.'),
    allowKinds: copyableKinds.describe('Kinds to copy although they are refused by default, such as Pod.'),
    stripLabels: z.boolean().default(false).describe("Leaves out the source's labels."),
    keepInstanceLabel: z.boolean().default(false).describe('Keeps app.kubernetes.io/instance.'),
    sourceAnnotation: z
      .boolean()
      .default(false)
      .describe('Also writes sync.rustrial.org/source-object, as k8s-object-syncer does.'),
    marker,
    keep,
    limits: z
      .strictObject({
        maxRemovedCopies: share
          .nullable()
          .prefault({})
          .describe(
            'Removals in a cluster beyond both are held until they are approved: a share of the copies that are there now, and a number. null: no limit.',
          ),
        maxAddedCopies: share.nullable().default(null).describe('The same for additions.'),
      })
      .prefault({}),
  })
  .describe('Copies of objects in other namespaces, as ObjectSyncs say.');

export type CopiesConfig = z.output<typeof copiesSchema>;
