import type { Desired, DesiredFile } from '../../core/decision.ts';
import type { Opened, Setting } from '../../core/generator.ts';
import type { UnitId } from '../../core/unit.ts';
import { blobId, type ObjectFormat } from '../../model/tree.ts';
import { markerText } from '../objects/marker.ts';
import { markerPath, objectLayout } from '../objects/territory.ts';
import type { ClusterCopies, CopyUnit } from './compare.ts';
import { blockKey } from './compile.ts';
import type { CopiesConfig } from './config.ts';
import type { Entry } from './destinations.ts';
import { type CopyText, copyMarker } from './render.ts';

/** A copy by its id: its text is made again when it is asked for, as copies in all namespaces would be too many to keep. */
function renderedIn(namespace: string, text: CopyText, format: ObjectFormat): NonNullable<DesiredFile['rendered']> {
  return {
    oid: blobId(text.in(namespace), format),
    get text() {
      return text.in(namespace);
    },
  };
}

/** The units of copies: one a copy, and one a cluster for the object that keeps its folder. Each is rendered when it is asked for. */
export function copiesOf(
  setting: Setting<CopiesConfig>,
  clusters: ReadonlyMap<string, ClusterCopies>,
  format: ObjectFormat,
): Pick<Opened<never, CopyUnit>, 'desired' | 'unit' | 'isDesired'> {
  const layout = objectLayout(setting);
  const { marker } = setting.config;

  const copy = (cluster: string, name: string, namespace: string, entry: Entry): Desired<CopyUnit> => {
    const { text, file: object } = entry;
    const path = layout.pathOf({ cluster, namespace, role: '', object });
    const rendered = text === undefined ? {} : { rendered: renderedIn(namespace, text, format) };
    return {
      unit: { cluster, namespace, name },
      files: [{ path, ...rendered }],
      weight: text === undefined ? 0 : 1,
      ...(entry.options.adopt ? { adopts: true } : {}),
      state: entry,
    };
  };
  const markerOf = (cluster: string, namespace: string): Desired<CopyUnit> => {
    const text = markerText(copyMarker, namespace);
    const file = { path: markerPath(setting, copyMarker.name, cluster), rendered: { text, oid: blobId(text, format) } };
    return { unit: { cluster }, files: [file], weight: 0, uncounted: true, state: null };
  };
  const entryOf = ({ cluster, namespace, name }: UnitId): Entry | undefined => {
    const compiled = clusters.get(cluster)?.compiled;
    if (compiled === undefined || namespace === undefined || name === undefined) return undefined;
    if (compiled.blocked.has(blockKey(name, namespace))) return undefined;
    return compiled.entries.get(name)?.find(({ namespaces }) => namespaces.has(namespace));
  };
  const isMarker = ({ cluster, namespace }: UnitId) =>
    marker !== null && namespace === undefined && clusters.has(cluster);

  return {
    isDesired: (id) => isMarker(id) || entryOf(id) !== undefined,
    unit(id) {
      if (marker !== null && isMarker(id)) return markerOf(id.cluster, marker.namespace);
      const entry = entryOf(id);
      return entry === undefined ? undefined : copy(id.cluster, id.name ?? '', id.namespace ?? '', entry);
    },
    *desired() {
      for (const [cluster, { compiled }] of clusters) {
        if (marker !== null) yield markerOf(cluster, marker.namespace);
        for (const [name, entries] of compiled.entries) {
          const given = new Set<string>();
          for (const entry of entries) {
            for (const namespace of entry.namespaces) {
              if (given.has(namespace) || compiled.blocked.has(blockKey(name, namespace))) continue;
              if (entries.length > 1) given.add(namespace);
              yield copy(cluster, name, namespace, entry);
            }
          }
        }
      }
    },
  };
}
