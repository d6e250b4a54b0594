import { isAbsolute, resolve } from 'node:path';
import type { ConfigInput } from '../config/schema.ts';
import { pathFrom } from '../git/path.ts';
import { type Answers, defaultCluster, defaultNamespaces, toRole } from './answers.ts';
import { apiUrlAt, parseGitHubPlace } from './github-place.ts';

/** What a path or a glob that a person gave is, seen from the config. */
export interface Seen {
  path(path: string): string;
  glob(pattern: string): string;
}

/** How what is relative to one folder reads from another. An absolute path stays; a glob has to be relative. */
export function seenFrom(to: string, from: string): Seen {
  const glob = (pattern: string) => pathFrom(to, resolve(from, pattern));
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

/** Where changes are proposed, as far as that is not the default. @param base of the repository around, where it is not `main` */
export function toForge({ forge, repository, base }: Answers, otherBase: string | undefined): ConfigInput['forge'] {
  const place = forge === 'github' ? parseGitHubPlace(repository ?? '') : undefined;
  const api = place && apiUrlAt(place);
  const branch = base === 'main' ? undefined : (base ?? otherBase);
  const made = {
    ...(forge === undefined ? {} : { kind: forge }),
    ...(place === undefined ? {} : { repository: place.repository }),
    ...(branch === undefined ? {} : { base: branch }),
    ...(api === undefined ? {} : { apiUrl: api }),
  };
  return Object.keys(made).length === 0 ? undefined : made;
}
