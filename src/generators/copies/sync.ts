import { z } from 'zod';
import { formatPath, toIssues } from '../../config/issues.ts';
import { keysOf } from '../../config/keys.ts';
import type { ErrorCode } from '../../model/error.ts';
import { namespaceName } from '../objects/config.ts';
import type { Meant } from '../objects/manifests.ts';
import { isGroup, isObjectName, type KubernetesObject } from '../objects/object.ts';

/** The API that k8s-object-syncer has, whose files are read as they are. */
const syncGroup = 'sync.rustrial.org';
const syncKind = 'ObjectSync';

const name = z.string().refine(isObjectName, { error: 'must be the name of an object' });
/** What most kinds ask of a name (RFC 1123 subdomain), with what those of RBAC may have besides. */
const copyName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/, 'must be the name of an object, in lower case');
/** What Kubernetes takes as a key and a value of a label; anything else would be more than one requirement in a query. */
const labelKey = z
  .string()
  .regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'must be the key of a label');
const labelValue = z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/, 'must be the value of a label');
const values = z.array(labelValue).min(1);
/** Only what a namespace's name may hold, and wildcards. */
const namespaceGlob = z
  .string()
  .regex(/^[a-z0-9*?-]{1,63}$/, 'must be the name of a namespace, with * and ? for any characters');
const selector = z
  .strictObject({
    matchLabels: z.record(labelKey, labelValue).default({}),
    matchExpressions: z
      .array(
        z.union([
          z.strictObject({ key: labelKey, operator: z.enum(['In', 'NotIn']), values }),
          z.strictObject({ key: labelKey, operator: z.enum(['Exists', 'DoesNotExist']) }),
        ]),
      )
      .default([]),
  })
  .refine(({ matchLabels, matchExpressions }) => Object.keys(matchLabels).length + matchExpressions.length > 0, {
    error: 'must not be empty: use namespace "*" for all',
  });

const destination = z
  .strictObject({
    namespace: z.union([z.enum(['', '*']), namespaceName]).optional(),
    namespaces: z.array(namespaceGlob).min(1).optional(),
    namespaceSelector: selector.optional(),
    exclude: z.array(namespaceGlob).default([]),
    name: copyName.optional(),
    strategy: z.enum(['apply', 'replace']).optional(),
    adopt: z.boolean().default(false),
  })
  .refine((it) => [it.namespace, it.namespaces, it.namespaceSelector].filter((one) => one !== undefined).length === 1, {
    error: 'needs exactly one of "namespace", "namespaces" and "namespaceSelector"',
  })
  .refine(({ namespace, exclude }) => exclude.length === 0 || isAll(namespace) || namespace === undefined, {
    path: ['exclude'],
    error: 'cannot be used with one namespace',
  });

export type Destination = z.output<typeof destination>;

const externalSecret = z.strictObject({
  storeRef: z.strictObject({ name, kind: z.enum(['ClusterSecretStore', 'SecretStore']).default('ClusterSecretStore') }),
  remoteKey: z.string().min(1),
  type: z.string().min(1).optional(),
  refreshInterval: z.string().min(1).default('1h'),
});

export type ExternalSecretSpec = z.output<typeof externalSecret>;

const specSchema = z
  .strictObject({
    source: z
      .strictObject({
        group: z.string().refine(isGroup, { error: 'must be an API group, without a version; "" is core' }),
        version: z
          .string()
          .regex(/^v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?$/, 'must be a version, such as v1')
          .optional(),
        kind: z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'must be a kind'),
        name: name.optional(),
        selector: selector.optional(),
        namespace: namespaceName.optional(),
      })
      .refine((it) => (it.name === undefined) !== (it.selector === undefined), {
        error: 'needs exactly one of "name" and "selector"',
      }),
    destinations: z.array(destination),
    secret: z.strictObject({ externalSecret }).optional(),
    onSourceMissing: z.enum(['delete', 'keep', 'fail']).default('delete'),
  })
  .refine(
    ({ source, destinations }) => source.name !== undefined || destinations.every((it) => it.name === undefined),
    {
      path: ['destinations'],
      error: 'must not have a name when the source has a selector: all copies would have it',
    },
  )
  .refine(({ source, secret }) => secret === undefined || (source.kind === 'Secret' && source.name !== undefined), {
    path: ['secret'],
    error: 'is for a source of kind Secret with a name',
  });

export type SyncSpec = z.output<typeof specSchema>;

/** An ObjectSync. */
export interface Sync {
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly spec: SyncSpec;
}

/** One that says something that cannot be: only it is held. */
export interface InvalidSync extends Omit<Sync, 'spec'> {
  readonly reason: string;
}

export function isAll(namespace: string | undefined): boolean {
  return namespace === '' || namespace === '*';
}

/** `default/ca`: names a sync in texts and in the annotation of copies. */
export function syncKey({ namespace, name }: Pick<Sync, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** What is meant to be an ObjectSync, however it is spelt. */
export const meantAsSync: Meant = {
  kind: syncKind,
  is({ apiVersion, kind }) {
    const isGroup = typeof apiVersion === 'string' && apiVersion.split('/')[0] === syncGroup;
    return isGroup || (typeof kind === 'string' && kind.toLowerCase() === syncKind.toLowerCase());
  },
};

/** Reads an ObjectSync; undefined for any other object. The status, which a controller writes, is ignored. */
export function readSync({ ref, body, origin: file }: KubernetesObject): Sync | InvalidSync | undefined {
  if (!meantAsSync.is(body)) return undefined;
  const head = { namespace: ref.namespace, name: ref.name, file };
  const apiVersion = body['apiVersion'];
  if (apiVersion !== `${syncGroup}/v1alpha1`)
    return { ...head, reason: 'apiVersion must be sync.rustrial.org/v1alpha1' };
  if (ref.kind !== syncKind) return { ...head, reason: 'kind must be ObjectSync' };
  const unknown = Object.keys(body).find((key) => !['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(key));
  if (unknown !== undefined) return { ...head, reason: `${unknown} is no field of an ObjectSync` };
  const parsed = specSchema.safeParse(body['spec'] ?? {});
  if (parsed.success) return { ...head, spec: parsed.data };
  const issues = toIssues(parsed.error, knownKeys);
  return {
    ...head,
    reason: issues.map(({ path, message }) => `${formatPath(['spec', ...path])}: ${message}`).join('; '),
  };
}

const knownKeys = keysOf(specSchema);

/** Why a sync cannot be carried out. */
export interface SyncProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
}
