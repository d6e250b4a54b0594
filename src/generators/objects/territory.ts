import picomatch from 'picomatch';
import type { Setting } from '../../core/generator.ts';
import { layoutTerritory, type Territory, type TerritoryAdvice } from '../../core/territory.ts';
import { AppError } from '../../model/error.ts';
import { compileLayout, type Layout } from '../../model/layout.ts';

/** Where the objects of a generator go, as its part of the config says. */
export interface ObjectPaths {
  readonly path: string;
  readonly keep: readonly string[];
}

type PathSetting = Pick<Setting<Pick<ObjectPaths, 'path'>>, 'config' | 'inRoot'>;

export function objectLayout({ config, inRoot }: PathSetting): Layout {
  return compileLayout(inRoot(config.path));
}

/** The layout of the objects that keep the folders of clusters from becoming empty. */
function markerLayout({ config, inRoot }: PathSetting, marker: string): Layout {
  const [head = ''] = inRoot(config.path).split(/\{(?!cluster\})/);
  return compileLayout(`${head.slice(0, head.lastIndexOf('/'))}/${marker}.yaml`);
}

/** @param marker its name */
export function markerPath(setting: PathSetting, marker: string, cluster: string): string {
  return markerLayout(setting, marker).pathOf({ cluster, namespace: '', role: '' });
}

/**
 * The folders of a generator whose files hold an object each.
 *
 * @param key of the generator in the config
 * @param markers names of the objects that keep a folder from becoming empty
 * @throws AppError `CONFIG_INVALID` where clusters would share one
 */
export function objectTerritory(
  setting: Setting<ObjectPaths>,
  {
    key,
    markers: names,
    advice,
  }: { readonly key: string; readonly markers: readonly string[]; readonly advice: TerritoryAdvice },
): Territory {
  const { config, clusters, filtered, inRoot } = setting;
  const layout = objectLayout(setting);
  // A filter leaves out others, whose files would be taken for what is orphaned.
  if ((filtered || clusters.length > 1) && layout.rootOf('a') === layout.rootOf('b')) {
    throw new AppError('CONFIG_INVALID', `${key}.path ${config.path} gives all clusters one folder`, {
      next: 'add {cluster} to it, in a folder before any other placeholder',
    });
  }
  const markers = names.map((name) => markerLayout(setting, name));
  const markedBy = (path: string) => markers.map((it) => it.clusterOf(path)).find((it) => it !== undefined);
  const isKept = picomatch(config.keep.map(inRoot), { dot: true });
  const territory = layoutTerritory(layout, clusters, { filtered, keeps: isKept, advice });
  return {
    ...territory,
    isRenderedAt: (path) => territory.isRenderedAt(path) || markedBy(path) !== undefined,
    clusterOf: (path) => territory.clusterOf(path) ?? (filtered ? undefined : markedBy(path)),
  };
}
