import type { Parsed } from '../../core/decision.ts';
import { label } from '../../model/label.ts';
import { compareText } from '../../model/text.ts';
import { isJsonMap, type Json, type JsonMap, writeMap } from '../../model/yaml-write.ts';
import { textsIn } from '../objects/manifests.ts';
import { isMarker } from '../objects/marker.ts';
import { mapAt } from '../objects/object.ts';
import { parseObject, unparsable } from '../objects/parse.ts';
import { fleetKeys, fleetMarker } from './render.ts';

/** A module on a cluster, read back from a file. */
export interface ModuleState {
  readonly kind: 'module';
  readonly module: string;
  readonly version?: string;
  /** Kind and name of the object: with another one, the controllers remove it and make a new one. */
  readonly object: string;
  readonly fields: Fields;
}

/** What a rendered file holds. */
export type FleetState =
  | ModuleState
  | { readonly kind: 'source'; readonly module: string; readonly fields: Fields }
  | { readonly kind: 'marker' };

/** The fields of an object but its version, each with its value as a text to compare. */
type Fields = ReadonlyMap<string, string>;

/** Reads a rendered file back, as the cluster reads it. */
export function parseFleet(content: Uint8Array): Parsed<FleetState> {
  return parseObject(content, stateOf);
}

function stateOf(body: JsonMap): Parsed<FleetState> {
  const { kind } = body;
  const metadata = mapAt(body, 'metadata');
  const { name } = metadata;
  const {
    [fleetKeys.cluster]: cluster,
    [fleetKeys.module]: module,
    ...others
  } = textsIn(mapAt(metadata, 'annotations'));
  // They identify the unit: nothing else may be in them.
  if (cluster !== undefined && !label.test(cluster)) return unparsable(`${fleetKeys.cluster} is no name`);
  if (module !== undefined && !label.test(module)) return unparsable(`${fleetKeys.module} is no name`);
  const namespace = cluster === undefined ? {} : { namespace: cluster };
  if (isMarker(body, fleetMarker)) return { kind: 'rendered', unit: namespace, state: { kind: 'marker' } };
  if (module === undefined || typeof kind !== 'string' || typeof name !== 'string') {
    return unparsable(`it needs kind, metadata.name and the annotation ${fleetKeys.module}`);
  }
  const unit = { ...namespace, name: module };
  const fields = fieldsOf(body);
  if (cluster === undefined) return { kind: 'rendered', unit, state: { kind: 'source', module, fields } };
  const version = others[fleetKeys.version];
  const object = `${kind} ${name}`;
  const state = { kind: 'module' as const, module, ...(version === undefined ? {} : { version }), object, fields };
  return { kind: 'rendered', unit, state };
}

const versions: ReadonlySet<string> = new Set([
  'spec.chart.spec.version',
  'spec.source.targetRevision',
  `metadata.annotations.${fleetKeys.version}`,
]);

function fieldsOf({ metadata = null, spec = null, ...rest }: JsonMap): Fields {
  const fields: [string, Json][] = [];
  collect(rest, '', fields);
  collect(metadata, 'metadata', fields);
  collect(spec, 'spec', fields);
  return new Map(fields.filter(([path]) => !versions.has(path)).map(([path, it]) => [shown(path), writeMap({ it })]));
}

/** Maps by their keys; anything else is a value. */
function collect(value: Json, path: string, into: [string, Json][]): void {
  if (!isJsonMap(value) || Object.keys(value).length === 0) {
    into.push([path, value]);
    return;
  }
  for (const [key, it] of Object.entries(value)) collect(it, path === '' ? key : `${path}.${key}`, into);
}

/** As the values of a module have it. */
function shown(path: string): string {
  return path.replace(/^spec\.(source\.helm\.valuesObject|values)(?=\.|$)/, 'values');
}

/** Names of the fields that differ, sorted; their values are in no text. */
export function changedFields(before: Fields, after: Fields): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .sort(compareText);
}
