import type { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import { issueWords } from '../config/words.ts';
import { AppError } from '../model/error.ts';
import { parseGitHubPlace } from './github-place.ts';
import { parseSecret, parseWorkflowSource, secretNames } from './workflow-answers.ts';

/** What `init` needs to know, as flags or typed at a terminal. Paths are relative to where the person stands. */
export interface Answers {
  readonly zmsUrl?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly cluster?: string;
  readonly domain?: string;
  readonly namespaces?: readonly string[];
  readonly role?: readonly string[];
  readonly forge?: ForgeKind;
  /** `owner/name`, or a URL where that is not on github.com. */
  readonly repository?: string;
  readonly base?: string;
  /** Who opens pull requests. */
  readonly auth?: AuthKind;
  /** Names of secrets, each as `cert=NAME`. */
  readonly secret?: readonly string[];
  /** Where the called workflows are: `owner/name@ref`. */
  readonly workflowsFrom?: string;
  readonly runner?: string;
  readonly environment?: string;
  /** Owners of the rendered files, as CODEOWNERS names them. */
  readonly codeowners?: readonly string[];
}

export type AnswerName = keyof Answers;

const { athenz, clusters, roles, forge } = configSchema.shape;
const cluster = clusters.element.shape;
const role = roles.unwrap();
const forgeShape = forge.unwrap().shape;

type ForgeKind = z.output<typeof forgeShape.kind>;

const forgeKinds = forgeShape.kind.unwrap().options;
const authKinds = ['app', 'token'] as const;

type AuthKind = (typeof authKinds)[number];

/** What the cluster is called where nobody says. */
export const defaultCluster = 'default';

export const flagOf: Readonly<Record<AnswerName, string>> = {
  zmsUrl: '--zms-url',
  cert: '--cert',
  key: '--key',
  ca: '--ca',
  cluster: '--cluster',
  domain: '--domain',
  namespaces: '--namespaces',
  role: '--role',
  forge: '--forge',
  repository: '--repository',
  base: '--base',
  auth: '--auth',
  secret: '--secret',
  workflowsFrom: '--workflows-from',
  runner: '--runner',
  environment: '--environment',
  codeowners: '--codeowners',
};

/** Answers about where changes are proposed. */
export const forgeAnswers = ['forge', 'base', 'codeowners'] satisfies AnswerName[];

/** Answers that make sense for GitHub alone. */
export const gitHubAnswers = [
  'repository',
  'auth',
  'secret',
  'workflowsFrom',
  'runner',
  'environment',
] satisfies AnswerName[];

/** Why values will not do as an answer, in words that hold nothing of a key's text; undefined when they will. */
export function wrongWith(name: AnswerName, values: readonly string[]): string | undefined {
  for (const value of values) {
    const why = wrongWithOne(name, value);
    if (why !== undefined) return why;
  }
  return name === 'role' ? complaint(role, values.map(toRole)) : undefined;
}

function wrongWithOne(name: AnswerName, value: string): string | undefined {
  switch (name) {
    case 'zmsUrl':
      return complaint(athenz.shape.zmsUrl, value);
    case 'cluster':
      return complaint(cluster.name, value);
    case 'domain':
      return complaint(cluster.domain, value);
    case 'namespaces':
      // Absolute ones are made relative to the config.
      return complaint(cluster.namespaces.shape.files.unwrap(), [value.replace(/^\/+/, '')]);
    case 'role':
      if (toRole(value) === undefined) return 'must be <Athenz role>=<ClusterRole>, such as k8s_ns_viewers=view';
      return complaint(role.element, toRole(value));
    case 'cert':
    case 'key':
    case 'ca':
      if (value.includes('-----BEGIN')) return 'must be a file path, not the content of the file';
      return complaint(athenz.shape.certPath, value);
    case 'forge':
      return oneOf(forgeKinds, value);
    case 'auth':
      return oneOf(authKinds, value);
    case 'repository':
      return parseGitHubPlace(value) ? undefined : 'must be owner/name, or https://<host>/owner/name';
    case 'base':
      return isBranch(value) ? undefined : 'must be a branch name that git accepts';
    case 'secret':
      if (parseSecret(value) !== undefined) return undefined;
      return `must be <use>=<name>, with the use ${Object.keys(secretNames).join(', ')}, such as cert=ATHENZ_CERT`;
    case 'workflowsFrom':
      return parseWorkflowSource(value) ? undefined : 'must be owner/name@<tag or commit>';
    case 'runner':
    case 'environment':
      return /^[\w.-][\w. -]*$/.test(value) ? undefined : 'must be a name of letters, digits, ".", "_" and "-"';
    case 'codeowners':
      return /^(@[\w-]+(\/[\w.-]+)?|[^\s@]+@[^\s@]+)$/.test(value)
        ? undefined
        : 'must be @user, @org/team or an e-mail address';
  }
}

/** The rules of git-check-ref-format(1). */
function isBranch(name: string): boolean {
  return /^[^\p{Cc} ~^:?*[\\]+$/u.test(name) && !/^[-/.]|\.\.|@\{|\/[/.]|\.lock(\/|$)|[/.]$|^@$/.test(name);
}

function oneOf(choices: readonly string[], value: string): string | undefined {
  return choices.includes(value) ? undefined : `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

/** `k8s_ns_viewers=view`: the Athenz role, and the ClusterRole that it binds. */
export function toRole(text: string): { readonly athenzRole: string; readonly clusterRole: string } | undefined {
  const [, athenzRole = '', clusterRole = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  return athenzRole === '' ? undefined : { athenzRole, clusterRole };
}

/** What is left to say: what has no default, and the other half of a certificate and key. */
export function missing(answers: Answers): readonly AnswerName[] {
  const needed: AnswerName[] = ['zmsUrl', 'domain', 'role'];
  if (answers.cert !== undefined) needed.push('key');
  if (answers.key !== undefined) needed.push('cert');
  return needed.filter((name) => answers[name] === undefined);
}

/** @throws AppError `USAGE` that names every flag whose value will not do */
export function checkFlags(flags: Answers): void {
  const wrong = (Object.keys(flagOf) as AnswerName[]).flatMap((name) => {
    const why = wrongWith(name, [flags[name] ?? []].flat());
    return why === undefined || flags[name] === undefined ? [] : [`${flagOf[name]}: ${why}`];
  });
  if (wrong.length > 0) throw new AppError('USAGE', wrong.join('; '), { next: 'correct the command line' });
}

/** The files of a cluster's namespaces where nobody says, seen from the config. */
export function defaultNamespaces(cluster: string): string {
  return `clusters/${cluster}/**/*.yaml`;
}

function complaint(schema: z.ZodType, value: unknown): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  return issue && issueWords(issue);
}
