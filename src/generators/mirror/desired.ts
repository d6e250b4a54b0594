import type { Desired } from '../../core/decision.ts';
import type { Opened, Setting } from '../../core/generator.ts';
import { type UnitId, unitKey } from '../../core/unit.ts';
import { blobId, type ObjectFormat } from '../../model/tree.ts';
import { type Marker, markerText } from '../objects/marker.ts';
import { markerPath, objectLayout } from '../objects/territory.ts';
import type { Entry } from './claims.ts';
import type { Compiled } from './compile.ts';
import type { MirrorsConfig } from './config.ts';
import { type Rendered, renderNamespace } from './render.ts';
import { addressMarker, addressUnit, mirrorMarker } from './territory.ts';

/** What is known of a desired unit besides its files; null for what is there for the others' sake: a marker, a namespace. */
export type MirrorState = Entry | null;

/** The units of mirrors: one a Service, one a namespace that is rendered too, and one a cluster for the marker. */
export function mirrorsOf(
  setting: Setting<MirrorsConfig>,
  { entries, created }: Pick<Compiled, 'entries' | 'created'>,
  format: ObjectFormat,
): Pick<Opened<never, MirrorState>, 'desired' | 'unit' | 'isDesired'> {
  const layout = objectLayout(setting);
  const { marker, addresses } = setting.config;
  const fileOf = ({ cluster, namespace = '' }: UnitId, { file, text }: Rendered) => ({
    path: layout.pathOf({ cluster, namespace, role: '', object: file }),
    rendered: { text, oid: blobId(text, format) },
  });
  const service = (entry: Entry): Desired<MirrorState> => {
    const { unit, files, unread } = entry;
    const { cluster, namespace, name } = unit;
    // Only its head is known to be wanted: what is there of it is read, and stays.
    const head = layout.pathOf({ cluster, namespace, role: '', object: name.replace('/', '.') });
    return {
      unit,
      files: unread === undefined ? files.map((it) => fileOf(unit, it)) : [{ path: head }],
      weight: unread === undefined ? 1 : 0,
      state: entry,
    };
  };
  const uncounted = (unit: UnitId, path: string, text: string): Desired<MirrorState> => ({
    unit,
    files: [{ path, rendered: { text, oid: blobId(text, format) } }],
    weight: 0,
    uncounted: true,
    state: null,
  });
  const markers = marker === null ? [] : setting.clusters.filter((it) => isNamed(setting.config, it));
  const others = new Map<string, Desired<MirrorState>>();
  for (const cluster of markers) {
    const mark = (unit: UnitId, it: Marker) => {
      const text = markerText(it, marker?.namespace ?? '');
      others.set(unitKey(unit), uncounted(unit, markerPath(setting, it.name, cluster), text));
    };
    mark({ cluster }, mirrorMarker);
    if (addresses !== null && hasSlices(setting.config, cluster)) mark({ cluster, ...addressUnit }, addressMarker);
  }
  for (const key of created) {
    const [cluster = '', namespace = ''] = key.split('\0');
    const { file, text } = renderNamespace(namespace);
    const path = layout.pathOf({ cluster, namespace, role: '', object: file });
    others.set(unitKey({ cluster, namespace }), uncounted({ cluster, namespace }, path, text));
  }
  return {
    isDesired: (id) => others.has(unitKey(id)) || entries.has(unitKey(id)),
    unit(id) {
      const entry = entries.get(unitKey(id));
      return entry === undefined ? others.get(unitKey(id)) : service(entry);
    },
    *desired() {
      yield* others.values();
      for (const entry of entries.values()) yield service(entry);
    },
  };
}

/** Whether a rule writes addresses to a cluster. */
function hasSlices({ services }: Pick<MirrorsConfig, 'services'>, cluster: string): boolean {
  return services.some(({ destination, mode }) => destination.cluster === cluster && mode === 'endpointslice');
}

/** Whether a rule writes to a cluster, or may. */
function isNamed({ services }: Pick<MirrorsConfig, 'services'>, cluster: string): boolean {
  return services.some(
    ({ source, destination, mode }) =>
      (destination.cluster === cluster && mode !== 'linkerd') ||
      ('cluster' in source && source.cluster === cluster && (mode === 'mcs' || mode === 'linkerd')),
  );
}
