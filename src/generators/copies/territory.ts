import picomatch from 'picomatch';
import type { Setting } from '../../core/generator.ts';
import { layoutTerritory, type Territory } from '../../core/territory.ts';
import { AppError } from '../../model/error.ts';
import { compileLayout, type Layout } from '../../model/layout.ts';
import type { CopiesConfig } from './config.ts';
import { markerName } from './render.ts';

const advice = {
  collision: 'give each a name of its own, or add {namespace} and {object} to copies.path as separate folders',
  foreign:
    'restore or move it, or list it under copies.keep; adopt: true in a destination takes over the object of a copy',
  obstacle: 'set copies.path to a folder used only by athenz-gitops',
};

/** Where copies go. */
export function copiesLayout({ config, inRoot }: Pick<Setting<CopiesConfig>, 'config' | 'inRoot'>): Layout {
  return compileLayout(inRoot(config.path));
}

/** The layout of the objects that keep the folders of clusters from becoming empty. */
function markerLayout({ config, inRoot }: Pick<Setting<CopiesConfig>, 'config' | 'inRoot'>): Layout {
  const [head = ''] = inRoot(config.path).split(/\{(?!cluster\})/);
  return compileLayout(`${head.slice(0, head.lastIndexOf('/'))}/${markerName}.yaml`);
}

export function markerPath(setting: Pick<Setting<CopiesConfig>, 'config' | 'inRoot'>, cluster: string): string {
  return markerLayout(setting).pathOf({ cluster, namespace: '', role: '' });
}

/** The folders of copies. @throws AppError `CONFIG_INVALID` where clusters would share one */
export function copiesTerritory(setting: Setting<CopiesConfig>): Territory {
  const { config, clusters, filtered, inRoot } = setting;
  const layout = copiesLayout(setting);
  // A filter leaves out others, whose files would be taken for what is orphaned.
  if ((filtered || clusters.length > 1) && layout.rootOf('a') === layout.rootOf('b')) {
    throw new AppError('CONFIG_INVALID', `copies.path ${config.path} gives all clusters one folder`, {
      next: 'add {cluster} to it, in a folder before any other placeholder',
    });
  }
  const markers = markerLayout(setting);
  const isKept = picomatch(config.keep.map(inRoot), { dot: true });
  const territory = layoutTerritory(layout, clusters, { filtered, keeps: isKept, advice });
  return {
    ...territory,
    isRenderedAt: (path) => territory.isRenderedAt(path) || markers.clusterOf(path) !== undefined,
    clusterOf: (path) => territory.clusterOf(path) ?? (filtered ? undefined : markers.clusterOf(path)),
  };
}
