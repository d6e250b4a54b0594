import { z } from 'zod';
import { label } from '../../model/label.ts';
import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';
import { isSecretIn } from './secrets.ts';

/** Names of files that GitOps controllers do not read as manifests, or that are ours. */
const reserved: ReadonlySet<string> = new Set(['kustomization', 'cloudbuild', 'codecov', 'athenz-gitops-fleet']);

/** As what a namespace is called: a cluster of a fleet is a part of branches and paths as one is. */
const name = z.string().regex(label, 'must be lower-case letters, digits and "-", at most 63');
const moduleName = name.refine((it) => !reserved.has(it), { error: 'is reserved' });
const namespace = z.string().regex(label, 'must be the name of a namespace');
const channel = z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/, 'must be a channel, such as regular or fast');
const version = z
  .string({ error: (issue) => (typeof issue.input === 'number' ? 'must be a text: quote it' : undefined) })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/, 'must be one version, such as 2.1.0, not a range')
  .refine((it) => !/(^|\.)[xX](\.|$)/.test(it), { error: 'must be one version, not a range' });
const objectName = z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of an object');
const values = z.custom<JsonMap>(isJsonMap, { error: 'must be a map' }).default({});
const valuesFrom = z
  .array(
    z.strictObject({
      kind: z.enum(['Secret', 'ConfigMap']),
      name: objectName,
      valuesKey: z.string().min(1).optional(),
      targetPath: z.string().min(1).optional(),
      optional: z.boolean().optional(),
    }),
  )
  .default([]);
const allowDowngrade = z.boolean().default(false);
/** YAML reads an unquoted true as no text. */
const labels = z
  .record(
    z.string(),
    z.union([z.string(), z.boolean()]).transform((it) => String(it)),
  )
  .default({});

/** An address without a password in it. */
const repository = z
  .string()
  .regex(/^(https?|oci|ssh):\/\/[^\s\p{Cc}]+$/u, 'must be a URL that begins with https://, oci:// or ssh://')
  .refine((it) => !isSecretIn(it), { error: 'must not contain a password: it would be in git' });

const relativePath = z
  .string()
  .regex(/^[^\\\p{Cc}]+$/u, 'must be a path')
  .refine((it) => !it.startsWith('/') && !it.split('/').includes('..'), { error: 'must stay in the repository' });

/** A cluster in a file of ours. */
export const clusterSchema = z.strictObject({
  name,
  namespace: namespace.optional(),
  labels,
  channel: channel.optional(),
  set: z.union([name, z.array(name)]).optional(),
  modules: z
    .array(
      z.union([
        moduleName.transform((name) => ({ name })),
        z.strictObject({
          name: moduleName,
          namespace: namespace.optional(),
          channel: channel.optional(),
          version: version.optional(),
          values,
          valuesFrom,
          managed: z.boolean().default(true),
          allowDowngrade,
        }),
      ]),
    )
    .default([]),
  values,
  allowDowngrade,
});

/** The spec of a Kyma of the operator (inventory.kyma-project.io/v1alpha1). */
export const componentsSchema = z.strictObject({
  components: z.array(z.strictObject({ name: moduleName, namespace: namespace.optional() })).default([]),
});

/** The spec of a Kyma of the lifecycle manager (operator.kyma-project.io/v1beta2). */
export const kymaSchema = z.strictObject({
  channel: channel.optional(),
  modules: z
    .array(
      z.strictObject({
        name: moduleName,
        channel: channel.optional(),
        version: version.optional(),
        managed: z.boolean().default(true),
        controller: z.string().optional(),
        customResourcePolicy: z.enum(['CreateAndDelete', 'Ignore']).optional(),
        remoteModuleTemplateRef: z.string().optional(),
      }),
    )
    .default([]),
  skipMaintenanceWindows: z.boolean().optional(),
});

/** A module in a file of ours. */
export const moduleSchema = z
  .strictObject({
    name: moduleName,
    chart: z.strictObject({ repository, name: z.string().regex(/^[a-z0-9][a-z0-9./_-]*$/i) }).optional(),
    kustomize: z.strictObject({ repository, path: relativePath.default('.') }).optional(),
    helmComponent: z.literal(true).optional(),
    namespace: namespace.optional(),
    channels: z
      .record(
        channel,
        z.union([version.transform((it) => ({ version: it, values: {} })), z.strictObject({ version, values })]),
      )
      .default({}),
    mandatory: z.boolean().default(false),
    beta: z.boolean().default(false),
    internal: z.boolean().default(false),
    dependsOn: z.array(moduleName).default([]),
    values,
    valuesFrom,
    allowDowngrade,
  })
  .refine(
    ({ chart, kustomize, helmComponent }) =>
      [chart, kustomize, helmComponent].filter((it) => it !== undefined).length === 1,
    { error: 'needs exactly one of "chart", "kustomize" and "helmComponent"' },
  );

export const setSchema = z.strictObject({ name, values });

/** Whether something can be the name of a cluster, module or set: what else a document says may still be wrong. */
export function isName(value: unknown): value is string {
  return name.safeParse(value).success;
}
