import { z } from 'zod';
import { isProtected } from '../model/address.ts';
import { label } from '../model/label.ts';
import { fileGlobs, glob, relativeGlob } from './glob-schema.ts';
import { kube, selector } from './kube-schema.ts';
import { provision } from './provision-schema.ts';
import { athenzName, text, verbatim } from './text-schema.ts';
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
      files: fileGlobs
        .optional()
        .describe(
          'Globs of Namespace manifests or plain lists of names; "!glob", in quotes, excludes files, in any position.',
        ),
      cluster: z
        .literal(true)
        .optional()
        .describe('true: the namespaces are the cluster\'s own list, in place of "files".'),
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
    .describe('Base URL of ZMS: https, ending in /zms/v1.'),
  certPath: text.nullable().default(null).describe('Client certificate (PEM). ATHENZ_CERT, with the PEM text, wins.'),
  keyPath: text.nullable().default(null).describe('Private key (PEM). ATHENZ_KEY, with the PEM text, wins.'),
  caPath: text
    .nullable()
    .default(null)
    .describe("CA of the server (PEM). Default: the system's. Verification cannot be turned off."),
  publicKeys: z
    .record(z.string().regex(/^[A-Za-z0-9._-]+$/), text)
    .default({})
    .describe('Key id → PEM file: pins the keys that sign domain documents. Without it, the key is read from ZMS.'),
  userDomain: z
    .union([userDomain, z.array(userDomain).min(1, 'must be an Athenz domain, or a list of at least one')], {
      error: 'must be an Athenz domain, or a list of them',
    })
    .default('user')
    .describe('Members directly below it are people; a list where ZMS has several user domains.'),
  requestTimeout: duration
    .prefault('10s')
    .describe('Of one request. All tries of a read end within 10 s, not counting waits for the rate limit.'),
  concurrency: z.int().min(1).max(256).default(16).describe('Concurrent requests; fewer while ZMS is slow.'),
  requestsPerSecond: z
    .union([z.literal('off'), z.number().positive()], { error: 'must be "off" or a number above 0' })
    .default('off')
    .describe('A rate limit, if the ZMS administrators ask for one.'),
  cache: text
    .nullable()
    .default(null)
    .describe(
      'Folder for domain documents; "off": none. Default: $XDG_CACHE_HOME/athenz-gitops, else ~/.cache/athenz-gitops.',
    ),
});

/** Whether every ".." stands before every name: one behind a name would undo what was checked of it. */
function climbsFirst(parts: readonly string[]): boolean {
  return parts.lastIndexOf('..') < parts.findIndex((part) => part !== '..');
}

const forge = z
  .strictObject({
    kind: z
      .enum(['github', 'local', 'none'])
      .default('local')
      .describe('github: pull requests; local: a branch, and a note with the body; none: a branch.'),
    repository: z
      .string()
      .regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'must be owner/name')
      .nullable()
      .default(null)
      .describe('owner/name; required for github.'),
    base: text.default(defaultBase).describe('The branch that is compared with and merged into.'),
    remote: text
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'must be the name of a git remote, such as origin')
      .nullable()
      .default(null)
      .describe('Name of the git remote to fetch from and push to. Default: origin for github, else this repository.'),
    apiUrl: z
      .url({ error: 'must be a URL, such as https://github.example.com/api/v3' })
      .refine(isProtected, { error: 'must be https: plain http is accepted on loopback only' })
      .nullable()
      .default(null)
      .describe('For GitHub Enterprise: https://HOST/api/v3. Default: GITHUB_API_URL, else api.github.com.'),
    caPath: text
      .nullable()
      .default(null)
      .describe("CA of the forge's server (PEM), for its API and for git over https. Default: the system's."),
    commit: z
      .strictObject({
        name: text
          .regex(/^[^<>\p{Cc}]+$/u, 'must not contain "<", ">" or control characters')
          .default('athenz-gitops')
          .describe('Author and committer of the commits; it also identifies commits of athenz-gitops.'),
        email: text
          .regex(/^[^<>\s\p{Cc}]+$/u, 'must be an e-mail address')
          .default('athenz-gitops@users.noreply.github.com')
          .describe('Their e-mail address, for the same.'),
      })
      .prefault({}),
    groupBy: z
      .enum(['all', 'cluster', 'namespace'])
      .default('cluster')
      .describe('What one proposal covers: all, cluster or namespace.'),
    reviewers: z
      .array(text.regex(/^(team\/)?[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be a user, or team/slug'))
      .default([])
      .describe(
        'Requested as reviewers of each new pull request: users, or team/SLUG. GitHub requests CODEOWNERS itself.',
      ),
    maxOpenPullRequests: z
      .int()
      .min(1)
      .default(10)
      .describe('Further ones wait until some are merged; those that remove access do not.'),
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
      'Names this config as the owner of its proposals and of the domains it creates, instead of its repository and path, so that the file can be moved. Unique among the configs on one ZMS.',
    ),
  athenz,
  clusters: z.array(cluster).min(1),
  roles: roles.optional().describe('Which Athenz roles become access, in every cluster without roles of its own.'),
  members: z
    .strictObject({
      users: z
        .strictObject({
          prefix: verbatim.default('').describe("The API server's user name prefix, verbatim, for every User."),
        })
        .prefault({}),
      services: z
        .enum(['skip', 'User', 'ServiceAccount'])
        .default('skip')
        .describe(
          'What a service becomes. skip: nothing, counted by domain in each run; User; or ServiceAccount of the namespace that the domain of the service is mapped to.',
        ),
      groups: z.literal('expand').default('expand').describe('Groups are expanded to their members.'),
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
        .default(defaultOutputPath)
        .describe('Where files go. May also contain {role} and {shard} (256 folders, by a hash of the namespace).'),
      templates: relativeGlob
        .nullable()
        .default(null)
        .describe('Folder with role.yaml and rolebinding.yaml. Default: the built-in ones.'),
      keep: z.array(relativeGlob).default([]).describe('Globs of foreign files allowed in the output folders.'),
    })
    .prefault({}),
  forge: forge.prefault({}),
  limits: z
    .strictObject({
      maxRemovedGrants: grantLimit
        .nullable()
        .prefault({})
        .describe(
          'Unproven removals of a cluster beyond both are held: a share of its grants, and a number. null: no limit.',
        ),
      maxAddedGrants: grantLimit
        .nullable()
        .default(null)
        .describe(
          'The same for additions, such as {percent: 25, floor: 10}; on an empty tree nearly everything is one.',
        ),
      neverEmpty: z
        .array(z.string().regex(athenzName))
        .default([])
        .describe('Roles that may not lose their last member.'),
      maxSubjects: z
        .int()
        .min(1)
        .max(2900)
        .default(1000)
        .describe(
          'Of one binding: beyond it all additions of that role are held, removals are not. Client-side apply fails between 1,350 and 2,900.',
        ),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      unread: duration
        .nullable()
        .prefault('24h')
        .describe('Alert when something could not be read for so long; null: never.'),
      removals: duration
        .nullable()
        .prefault('24h')
        .describe('Alert when a removal waits in a pull request for so long; null: never.'),
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
