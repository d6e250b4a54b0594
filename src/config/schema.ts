import { z } from 'zod';
import { isProtected } from '../model/address.ts';
import { fileGlobs, glob, relativeGlob } from './glob-schema.ts';
import { kube, selector } from './kube-schema.ts';
import { provision } from './provision-schema.ts';
import { athenzName, label, text, verbatim } from './text-schema.ts';
import { duration, percentage } from './units.ts';

/*
 * The config file as a person writes it. Descriptions end up in schemas/athenz-gitops.schema.json, which editors show.
 */

export const defaultOutputPath = 'output/{cluster}/{namespace}/rbac.yaml';
export const defaultBase = 'main';

const domainTemplate = /^[a-z0-9_{][a-z0-9_{}-]*(\.[a-z0-9_{][a-z0-9_{}-]*)*$/;

export const rule = z.strictObject({
  apiGroups: z.array(verbatim).min(1),
  resources: z.array(text).min(1),
  verbs: z.array(text).min(1),
  resourceNames: z.array(text).min(1).optional(),
});

const role = z
  .strictObject({
    athenzRole: z
      .string()
      .regex(athenzName, 'must be a short Athenz role name in lower case, such as k8s_ns_admins')
      .describe('Short name of the Athenz role in the domain of each namespace.'),
    rules: z.array(rule).min(1).optional().describe('Rules of the Role that is rendered and bound.'),
    clusterRole: text
      .refine((name) => name !== '.' && name !== '..' && !/[/%]/.test(name), {
        error: 'must be a ClusterRole name: not "." or "..", no "/" and no "%"',
      })
      .optional()
      .describe('An existing ClusterRole, bound instead of a rendered Role.'),
  })
  .refine((it) => (it.rules === undefined) !== (it.clusterRole === undefined), {
    error: 'needs exactly one of "rules" and "clusterRole"',
  });

const roles = z
  .array(role)
  .min(1)
  .superRefine((list, context) => {
    const seen = new Map<string, number>();
    for (const [index, { athenzRole }] of list.entries()) {
      const first = seen.get(athenzRole);
      if (first === undefined) seen.set(athenzRole, index);
      else {
        context.addIssue({
          code: 'custom',
          path: [index, 'athenzRole'],
          message: `"${athenzRole}" is already listed (entry ${first + 1}): keep its rules in one place`,
        });
      }
    }
  });

const cluster = z.strictObject({
  name: z
    .string()
    .regex(label, 'must be a lower case RFC 1123 label (letters, digits and "-", at most 63)')
    .describe('Names the cluster in paths, branches and reports.'),
  domain: z
    .string()
    .refine((template) => template.split('{namespace}').length === 2, {
      error: 'must contain {namespace} exactly once',
    })
    .refine((template) => domainTemplate.test(template) && athenzName.test(template.replace('{namespace}', 'x')), {
      error: 'must be an Athenz domain name in lower case with {namespace} in it, such as eks.users.{namespace}',
    })
    .describe('The Athenz domain of a namespace, such as eks.users.{namespace}; exactly that depth, nothing below.'),
  namespaces: z
    .strictObject({
      files: fileGlobs.optional().describe('Namespace manifests, or plain lists of names.'),
      cluster: z.literal(true).optional().describe('Reads the namespaces from the cluster instead of git.'),
      selector: selector.optional().describe('With "cluster": only namespaces with these labels.'),
      exclude: z.array(glob).default([]).describe('Names or globs to exclude, in addition to the system namespaces.'),
    })
    .refine((it) => (it.files === undefined) !== (it.cluster === undefined), {
      error: 'needs exactly one of "files" and "cluster"',
    })
    .refine((it) => it.selector === undefined || it.cluster !== undefined, {
      path: ['selector'],
      error: 'requires "cluster: true"',
    }),
  kube: kube.optional().describe('How the API server is reached, by drift and for "namespaces: {cluster: true}".'),
  roles: roles.optional().describe('Replaces the common roles in this cluster.'),
});

const userDomain = z.string().regex(athenzName, 'must be an Athenz domain, such as user');

const athenz = z.strictObject({
  zmsUrl: z
    .url({
      protocol: /^https$/,
      error: ({ input }) =>
        input === undefined ? 'is required' : 'must be an https URL, such as https://zms.example.com:4443/zms/v1',
    })
    .describe('Base URL of ZMS, with /zms/v1.'),
  certPath: text.nullable().default(null).describe('Client certificate (PEM); or ATHENZ_CERT with the PEM text.'),
  keyPath: text.nullable().default(null).describe('Private key (PEM); or ATHENZ_KEY with the PEM text.'),
  caPath: text.nullable().default(null).describe("CA of the server (PEM). Default: the system's."),
  publicKeys: z
    .record(z.string().regex(/^[A-Za-z0-9._-]+$/), text)
    .default({})
    .describe('Key id → PEM file: pins the keys that sign domain documents.'),
  userDomain: z
    .union([userDomain, z.array(userDomain).min(1, 'must be an Athenz domain, or a list of at least one')], {
      error: 'must be an Athenz domain, or a list of them',
    })
    .default('user')
    .describe('Members directly below it, or below one of a list, are people.'),
  requestTimeout: duration.prefault('10s').describe('Per request.'),
  concurrency: z.int().min(1).max(256).default(16).describe('Concurrent requests.'),
  requestsPerSecond: z
    .union([z.literal('off'), z.number().positive()], { error: 'must be "off" or a number above 0' })
    .default('off')
    .describe('A rate limit, if the administrators of the server ask for one.'),
  cache: text
    .nullable()
    .default(null)
    .describe(
      'Folder for domain documents that did not change; "off": none. Default: $XDG_CACHE_HOME or ~/.cache, athenz-gitops.',
    ),
});

/** Whether every ".." stands before every name: one behind a name would undo what was checked of it. */
function climbsFirst(parts: readonly string[]): boolean {
  return parts.lastIndexOf('..') < parts.findIndex((part) => part !== '..');
}

const forge = z
  .strictObject({
    kind: z.enum(['github', 'local', 'none']).default('local').describe('Where a change is proposed.'),
    repository: z
      .string()
      .regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'must be owner/name')
      .nullable()
      .default(null),
    base: text.default(defaultBase).describe('The branch that is rendered against and merged into.'),
    remote: text
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'must be the name of a git remote, such as origin')
      .nullable()
      .default(null)
      .describe('Name of the git remote. Default: origin for github; for local and none this repository itself.'),
    apiUrl: z
      .url({ error: 'must be a URL, such as https://github.example.com/api/v3' })
      .refine(isProtected, { error: 'must be https: plain http is accepted on loopback only' })
      .nullable()
      .default(null),
    caPath: text
      .nullable()
      .default(null)
      .describe("CA of the forge's server (PEM), for its API and for git over https. Default: the system's."),
    commit: z
      .strictObject({
        name: text.regex(/^[^<>\p{Cc}]+$/u, 'must not contain "<", ">" or control characters').default('athenz-gitops'),
        email: text
          .regex(/^[^<>\s\p{Cc}]+$/u, 'must be an e-mail address')
          .default('athenz-gitops@users.noreply.github.com'),
      })
      .prefault({}),
    groupBy: z.enum(['all', 'cluster', 'namespace']).default('cluster').describe('What one proposed change covers.'),
    reviewers: z
      .array(text.regex(/^(team\/)?[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be a user, or team/slug'))
      .default([])
      .describe('Requested as reviewers of each new pull request; GitHub requests CODEOWNERS itself.'),
    maxOpenPullRequests: z.int().min(1).default(10).describe('Further ones wait; removals do not.'),
    maxFilesPerPullRequest: z
      .int()
      .min(10)
      .default(250)
      .describe('A scope with more is split by a hash of the namespace.'),
  })
  .refine((it) => it.kind !== 'github' || it.repository !== null, {
    path: ['repository'],
    error: 'is required when kind is github',
  });

/** Everything a config file may hold. */
const grantLimit = z.strictObject({ percent: percentage.prefault(25), floor: z.int().min(0).default(10) });

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(label, 'must be a lower case RFC 1123 label (letters, digits and "-", at most 63)')
    .nullable()
    .default(null)
    .describe(
      'Names this config as the owner of its proposals and domains instead of its path, so that the file can be moved.',
    ),
  athenz,
  clusters: z.array(cluster).min(1),
  roles: roles.optional().describe('Which Athenz roles become access, in every cluster without roles of its own.'),
  members: z
    .strictObject({
      users: z
        .strictObject({ prefix: verbatim.default('').describe("The API server's user name prefix, verbatim.") })
        .prefault({}),
      services: z
        .enum(['skip', 'User', 'ServiceAccount'])
        .default('skip')
        .describe('What a service becomes: nothing, a User, or the ServiceAccount of the namespace it is mapped to.'),
      groups: z.literal('expand').default('expand'),
    })
    .prefault({}),
  names: z
    .enum(['portable', 'operator'])
    .default('portable')
    .describe('portable: names without ":"; operator: the names that the in-cluster operators use.'),
  output: z
    .strictObject({
      path: relativeGlob
        .refine((path) => path.includes('{namespace}'), { error: 'must contain {namespace}' })
        .refine((path) => /^([^{}*?[\]\\\p{Cc}]|\{(cluster|namespace|role|shard)\})+$/u.test(path), {
          error:
            'may contain {cluster}, {namespace}, {role} and {shard}, and no other braces, wildcards or backslashes',
        })
        .refine((path) => /\.ya?ml$/.test(path), { error: 'must end in .yaml or .yml: Flux ignores other files' })
        .refine((path) => path.split('/').every((part) => !/^(|\.|\.git)$/i.test(part)), {
          error: 'must have no empty part, no "." and no ".git"',
        })
        .refine((path) => climbsFirst(path.split('/')), { error: 'may contain ".." only at its start' })
        .default(defaultOutputPath),
      templates: relativeGlob.nullable().default(null).describe('Folder of role.yaml and rolebinding.yaml.'),
      keep: z.array(relativeGlob).default([]).describe('Foreign files allowed in the output folders.'),
    })
    .prefault({}),
  forge: forge.prefault({}),
  limits: z
    .strictObject({
      maxRemovedGrants: grantLimit
        .nullable()
        .prefault({})
        .describe("Holds removals beyond this share of a cluster's grants; null disables it."),
      maxAddedGrants: grantLimit
        .nullable()
        .default(null)
        .describe("Holds additions beyond this share of a cluster's grants; null disables it."),
      neverEmpty: z
        .array(z.string().regex(athenzName))
        .default([])
        .describe('Roles that may not lose their last member.'),
      maxSubjects: z
        .int()
        .min(1)
        .max(2900)
        .default(1000)
        .describe('Of one binding; client-side apply fails near 2,900.'),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      unread: duration.nullable().prefault('24h').describe('Alert when something could not be read for so long.'),
      removals: duration.nullable().prefault('24h').describe('Alert when a removal waits to be merged for so long.'),
    })
    .prefault({}),
  provision: provision.prefault({}),
});

/** A config as a person writes it: what has a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;

/** What may stand below the keys of further generators, by their names. */
export type GeneratorSchemas = Readonly<Record<string, z.ZodType>>;

/** Everything a config file may hold, with the keys of further generators. */
export function schemaWith(further: GeneratorSchemas): typeof configSchema {
  const optional = Object.entries(further).map(([name, schema]) => [name, schema.optional()] as const);
  return configSchema.extend(Object.fromEntries(optional)) as object as typeof configSchema;
}
