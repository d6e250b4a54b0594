import { createHash } from 'node:crypto';
import { labelPattern } from './label.ts';

/** What one file holds: a namespace, or one role of it where the path says `{role}`. */
export interface FileKey {
  readonly cluster: string;
  readonly namespace: string;
  readonly role: string;
  /** What `{object}` in the path stands for. */
  readonly object?: string;
}

/** Where rendered files go, compiled from `output.path`. */
export interface Layout {
  /** Whether each role has a file of its own. */
  readonly perRole: boolean;
  pathOf(key: FileKey): string;
  /** The folder of a cluster that belongs to the program entirely, without a `/` at the end. */
  rootOf(cluster: string): string;
  /** The folder above all clusters' folders: where files of clusters that left the config are looked for. */
  readonly prefix: string;
  /** The cluster whose file this would be, also of one that is not configured; undefined for any other path. */
  clusterOf(path: string): string | undefined;
  /** What `{object}` stands for in a path; undefined for a path that is none of these, or without it. */
  objectAt(path: string): string | undefined;
  /** The namespaces of a cluster whose files are at some of these paths, sorted. None where a path may be of several. */
  namespacesAt(paths: Iterable<string>, cluster: string): readonly string[];
}

const placeholder = /\{(cluster|namespace|role|shard|object)\}/g;

/** What a placeholder can turn into. */
const patterns: Readonly<Record<string, string>> = {
  cluster: '[a-z0-9-]+',
  namespace: '[a-z0-9-]+',
  role: '[a-z0-9_.-]+',
  shard: '[0-9a-f]{2}',
  object: '[A-Za-z0-9%._-]+',
};

/**
 * Compiles an output path.
 *
 * @param template `output.path` of the config, made relative to the repository's root
 */
export function compileLayout(template: string): Layout {
  const shape = shapeOf(template, { cluster: patterns['cluster'], object: patterns['object'] });
  return {
    perRole: template.includes('{role}'),
    pathOf: (key) => template.replace(placeholder, (_, name: string) => fill(name, key)),
    rootOf: (cluster) => folderBefore(template, /\{(?!cluster\})/).replaceAll('{cluster}', cluster),
    prefix: folderBefore(template, /\{/),
    clusterOf: (path) => {
      const match = shape.exec(path);
      return match === null ? undefined : (match.groups?.['cluster'] ?? '');
    },
    objectAt: (path) => shape.exec(path)?.groups?.['object'],
    namespacesAt: (paths, cluster) => namespacesIn(template.replaceAll('{cluster}', cluster), paths),
  };
}

/**
 * Matches the paths that a template can turn into.
 *
 * @param captures placeholders that are captured by their names, and what they can turn into
 */
function shapeOf(template: string, captures: Readonly<Record<string, string | undefined>>): RegExp {
  const seen = new Set<string>();
  const source = template.split(placeholder).map((part, index) => {
    if (index % 2 === 0) return literally(part);
    const captured = captures[part];
    if (captured === undefined) return patterns[part];
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>${captured})`;
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

/** @param template of one cluster */
function namespacesIn(template: string, paths: Iterable<string>): readonly string[] {
  // A role's name may end in what is the namespace's, and the other way round.
  if (template.split('/').some((part) => part.includes('{namespace}') && part.includes('{role}'))) return [];
  const shape = shapeOf(template, { namespace: labelPattern, shard: patterns['shard'] });
  const found = Array.from(paths, (path) => shape.exec(path)?.groups ?? {}).flatMap(({ namespace, shard }) =>
    namespace === undefined || (shard !== undefined && shard !== shardOf(namespace)) ? [] : [namespace],
  );
  return [...new Set(found)].sort();
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function fill(name: string, key: FileKey): string {
  switch (name) {
    case 'cluster':
      return key.cluster;
    case 'namespace':
      return key.namespace;
    case 'role':
      return key.role;
    case 'object':
      return key.object ?? '';
    default:
      return shardOf(key.namespace);
  }
}

/** One of 256 folder names, so that no folder holds tens of thousands of entries. */
export function shardOf(namespace: string): string {
  return createHash('sha256').update(namespace).digest('hex').slice(0, 2);
}

function folderBefore(template: string, mark: RegExp): string {
  const index = template.search(mark);
  const head = index === -1 ? template : template.slice(0, index);
  return head.slice(0, Math.max(0, head.lastIndexOf('/')));
}

/** Everything below the folder of all clusters; without such a folder, the clusters' own. */
export function outputFolders({
  layout,
  config,
}: {
  readonly layout: Pick<Layout, 'prefix' | 'rootOf'>;
  readonly config: { readonly clusters: readonly { readonly name: string }[] };
}): readonly string[] {
  return layout.prefix === '' ? config.clusters.map((cluster) => layout.rootOf(cluster.name)) : [layout.prefix];
}
