import type { Layout } from '../model/layout.ts';
import { outputFolders } from '../model/layout.ts';

/** The folders of a generator in the repository, and which cluster each path in them belongs to. */
export interface Territory {
  /** Folders that belong to it entirely, no two below each other. */
  readonly roots: readonly string[];
  /** The folder of each configured cluster. */
  rootOf(cluster: string): string;
  /** The configured cluster whose folder holds a path. */
  clusterAt(path: string): string | undefined;
  /** The cluster whose file this would be by its path, also of one that left the config. */
  clusterOf(path: string): string | undefined;
  /** The cluster that a file is applied to; not set where that is `clusterOf` it. Undefined: any. */
  appliedTo?(path: string): string | undefined;
  /** Whether a file of its own may stand at a path: such a path is never one of others. */
  isRenderedAt(path: string): boolean;
  /** Files of others that are allowed in its folders. */
  keeps(path: string): boolean;
  readonly advice: TerritoryAdvice;
}

/** What to do about paths that cannot be as the config says, in terms of the generator's settings. */
export interface TerritoryAdvice {
  /** Two units share a path. */
  readonly collision: string;
  /** A file of others stands in an owned folder. */
  readonly foreign: string;
  /** A path to an owned folder leads through a link, a submodule or a file. */
  readonly obstacle: string;
}

const plainAdvice: TerritoryAdvice = {
  collision: 'give each its own path',
  foreign: 'move it out of the output folder',
  obstacle: 'use a folder used only by athenz-gitops',
};

/**
 * The territory of files whose paths follow from a template.
 *
 * @param clusters of the config
 * @param filtered only part of the configured clusters is in `clusters`: files of any other are none of this run's business
 */
export function layoutTerritory(
  layout: Layout,
  clusters: readonly string[],
  {
    keeps = () => false,
    filtered = false,
    advice = plainAdvice,
  }: { keeps?: (path: string) => boolean; filtered?: boolean; advice?: TerritoryAdvice } = {},
): Territory {
  const folders = new Map(clusters.map((cluster) => [layout.rootOf(cluster), cluster]));
  const clusterAt = (path: string) => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const cluster = folders.get(path.slice(0, end));
      if (cluster !== undefined) return cluster;
    }
    return undefined;
  };
  return {
    roots: outputFolders({ layout, config: { clusters: clusters.map((name) => ({ name })) } }),
    rootOf: layout.rootOf,
    clusterAt,
    isRenderedAt: (path) => layout.clusterOf(path) !== undefined,
    clusterOf: (path) => clusterAt(path) ?? (filtered ? undefined : layout.clusterOf(path)),
    keeps,
    advice,
  };
}
