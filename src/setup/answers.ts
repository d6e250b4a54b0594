import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { z } from 'zod';
import { type ConfigInput, configSchema } from '../config/schema.ts';
import { issueWords } from '../config/words.ts';
import { AppError } from '../model/error.ts';

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
  readonly forge?: 'local' | 'none';
}

/** Answers that are written as text. */
export type AnswerName = Exclude<keyof Answers, 'forge'>;

const { athenz, clusters, roles } = configSchema.shape;
const cluster = clusters.element.shape;
const role = roles.unwrap();

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
};

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
  }
}

/** `k8s_ns_viewers=view`: the Athenz role, and the ClusterRole that it binds. */
function toRole(text: string): { readonly athenzRole: string; readonly clusterRole: string } | undefined {
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

/** What a path or a glob that a person gave is, seen from the config. */
export interface Seen {
  path(path: string): string;
  glob(pattern: string): string;
}

/** How what is relative to one folder reads from another. An absolute path stays; a glob has to be relative. */
export function seenFrom(to: string, from: string): Seen {
  const glob = (pattern: string) => relative(to, resolve(from, pattern)).split(sep).join('/');
  return { glob, path: (path) => (isAbsolute(path) ? path : glob(path)) };
}

export function toConfig(answers: Answers, seen: Seen): ConfigInput {
  const { zmsUrl = '', domain = '', cluster = defaultCluster, namespaces, role: given = [] } = answers;
  const files = namespaces?.map(seen.glob) ?? [defaultNamespaces(cluster)];
  return {
    athenz: { zmsUrl, ...toPaths(answers, seen) },
    clusters: [{ name: cluster, domain, namespaces: { files } }],
    roles: given.flatMap((text) => toRole(text) ?? []),
  };
}

/** The files of the client's identity, as far as they were given. */
export function toPaths(
  { cert, key, ca }: Answers,
  seen: Seen,
): Partial<Record<'certPath' | 'keyPath' | 'caPath', string>> {
  return {
    ...(cert === undefined ? {} : { certPath: seen.path(cert) }),
    ...(key === undefined ? {} : { keyPath: seen.path(key) }),
    ...(ca === undefined ? {} : { caPath: seen.path(ca) }),
  };
}

function complaint(schema: z.ZodType, value: unknown): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  return issue && issueWords(issue);
}
