import { shardOf } from '../../model/layout.ts';

/** A module on a cluster of the fleet. */
export interface Pair {
  readonly cluster: string;
  readonly module: string;
}

/** Where the files of a fleet go. */
export interface FleetLayout {
  /** The folder that belongs to the program entirely. */
  readonly root: string;
  pathOf(pair: Pair): string;
  /** Of the object that keeps the folder of a cluster, or without one the root, from becoming empty. */
  markerOf(cluster?: string): string;
  /** Of the object that says where the chart of a module is from: one for all clusters. */
  sourceOf(module: string): string;
  /** What would be at a path; undefined for any path of others. */
  at(path: string): 'marker' | 'source' | Pair | undefined;
}

/** Name of the marker, and of its file. */
export const markerName = 'athenz-gitops-fleet';

/** No name of a cluster or a shard begins like that. */
const sourcesFolder = '_sources';

const patterns = {
  shard: '[0-9a-f]{2}',
  cluster: '(?<cluster>[a-z0-9-]+)',
  module: '(?<module>[a-z0-9-]+)',
} as const;

/** @param template `fleet.path`, from the repository's root */
export function fleetLayout(template: string): FleetLayout {
  const [head = ''] = template.split('{');
  const root = head.slice(0, head.lastIndexOf('/'));
  const folder = template.slice(0, template.lastIndexOf('/'));
  const fill = (text: string, cluster: string, module = '') =>
    text
      .replaceAll('{shard}', () => shardOf(cluster))
      .replaceAll('{cluster}', () => cluster)
      .replaceAll('{module}', () => module);
  const markerIn = (at: string) => `${at}/${markerName}.yaml`;
  const modules = shapeOf(template);
  const markers = shapeOf(markerIn(folder));
  const sources = shapeOf(`${root}/${sourcesFolder}/{module}.yaml`);
  return {
    root,
    pathOf: ({ cluster, module }) => fill(template, cluster, module),
    markerOf: (cluster) => markerIn(cluster === undefined ? root : fill(folder, cluster)),
    sourceOf: (module) => `${root}/${sourcesFolder}/${module}.yaml`,
    at(path) {
      if (path === markerIn(root) || markers.test(path)) return 'marker';
      if (sources.test(path)) return 'source';
      const { cluster, module } = modules.exec(path)?.groups ?? {};
      if (cluster === undefined || module === undefined) return undefined;
      return fill(template, cluster, module) === path ? { cluster, module } : undefined;
    },
  };
}

function shapeOf(template: string): RegExp {
  const seen = new Set<string>();
  const source = template.split(/\{(cluster|module|shard)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (part !== 'shard' && seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return patterns[part as keyof typeof patterns];
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}
