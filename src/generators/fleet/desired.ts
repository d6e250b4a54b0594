import type { Desired, DesiredFile } from '../../core/decision.ts';
import type { Opened } from '../../core/generator.ts';
import { blobId, type ObjectFormat } from '../../model/tree.ts';
import type { Fleet } from './fleet.ts';
import type { FleetLayout } from './layout.ts';
import { fleetMarkerText, moduleText, sourceText } from './render.ts';
import { resolveCluster, type Wanted } from './resolve.ts';

/** What is known of a desired unit besides its files; null for what is no module on a cluster. */
export type FleetUnit = Wanted | null;

/** A fleet, and where it goes. */
export interface OpenFleet {
  readonly fleet: Fleet;
  readonly hub: string;
  readonly layout: FleetLayout;
  /** Modules of which the tree has files, on any cluster: what they need stays until they are gone. */
  readonly present: ReadonlySet<string>;
}

/**
 * The units of a fleet: the namespace of one is the cluster of the fleet, its name the module. A unit without a name keeps a folder;
 * one without a namespace is the source of a module. Each is rendered when it is asked for: all of them would be too many to keep.
 */
export function unitsOf(
  { fleet, hub, layout }: OpenFleet,
  format: ObjectFormat,
): Pick<Opened<never, FleetUnit>, 'desired' | 'unit' | 'isDesired'> {
  const { marker, kind } = fleet.config;
  const isPerCluster = kind === 'HelmRelease';

  const moduleOf = (wanted: Wanted): Desired<FleetUnit> => {
    const { name, cluster } = wanted;
    const path = layout.pathOf({ cluster: cluster.name, module: name });
    const rendered = rendering(() => moduleText(wanted, fleet), format);
    return {
      unit: { cluster: hub, namespace: cluster.name, name },
      files: [{ path, rendered }],
      weight: 1,
      state: wanted,
    };
  };
  const helper = (unit: Omit<Desired['unit'], 'cluster'>, path: string, text: string): Desired<FleetUnit> => ({
    unit: { cluster: hub, ...unit },
    files: [{ path, rendered: { text, oid: blobId(text, format) } }],
    weight: 0,
    uncounted: true,
    state: null,
  });
  const markerOf = (cluster: string | undefined): Desired<FleetUnit> | undefined => {
    if (marker === null || (cluster !== undefined) !== isPerCluster) return undefined;
    if (cluster !== undefined && !fleet.clusters.has(cluster)) return undefined;
    const unit = cluster === undefined ? {} : { namespace: cluster };
    return helper(unit, layout.markerOf(cluster), fleetMarkerText(marker.namespace, cluster));
  };
  const sourceOf = (module: string): Desired<FleetUnit> | undefined => {
    const entry = fleet.modules.get(module);
    if (!isPerCluster || entry?.kind !== 'valid') return undefined;
    const text = sourceText(entry.value, fleet.config);
    return text === undefined ? undefined : helper({ name: module }, layout.sourceOf(module), text);
  };
  const wantedIn = (name: string): readonly Wanted[] => {
    const entry = fleet.clusters.get(name);
    if (entry?.kind !== 'valid') return [];
    return resolveCluster(entry.value, fleet).filter((it) => it.kind === 'wanted');
  };
  const unit: Opened<never, FleetUnit>['unit'] & ((id: Desired['unit']) => Desired<FleetUnit> | undefined) = ({
    cluster,
    namespace,
    name,
  }) => {
    if (cluster !== hub) return undefined;
    if (name === undefined) return markerOf(namespace);
    if (namespace === undefined) return sourceOf(name);
    const wanted = wantedIn(namespace).find((it) => it.name === name);
    return wanted === undefined ? undefined : moduleOf(wanted);
  };

  return {
    unit,
    isDesired: (id) => unit(id) !== undefined,
    *desired() {
      const whole = markerOf(undefined);
      if (whole !== undefined) yield whole;
      for (const module of fleet.modules.keys()) {
        const source = sourceOf(module);
        if (source !== undefined) yield source;
      }
      for (const cluster of fleet.clusters.keys()) {
        const keeper = markerOf(cluster);
        if (keeper !== undefined) yield keeper;
        for (const wanted of wantedIn(cluster)) yield moduleOf(wanted);
      }
    },
  };
}

/** A file by its id: its text is made again when it is asked for. */
function rendering(render: () => string, format: ObjectFormat): NonNullable<DesiredFile['rendered']> {
  return {
    oid: blobId(render(), format),
    get text() {
      return render();
    },
  };
}
