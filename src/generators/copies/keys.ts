import { compareText } from '../../model/text.ts';
import { isJsonMap, type Json, type JsonMap, writeMap } from '../../model/yaml-write.ts';
import { mapAt } from '../objects/object.ts';
import { copyKeys } from './render.ts';

/** The fields of an object, two levels deep, each with its value as a text to compare: `data.ca.crt`, `spec.schedule`. */
export type Keys = ReadonlyMap<string, string>;

/** It follows from the other fields. */
const hashField = `metadata.annotations.${copyKeys.hash}`;

export function keysOf(body: JsonMap): Keys {
  const metadata = mapAt(body, 'metadata');
  const fields: [string, Json][] = [];
  for (const [key, value] of Object.entries(body)) {
    if (key === 'kind' || key === 'metadata') continue;
    if (isJsonMap(value) && Object.keys(value).length > 0) fields.push(...below(key, value));
    else fields.push([key, value]);
  }
  fields.push(...below('metadata.labels', mapAt(metadata, 'labels')));
  fields.push(...below('metadata.annotations', mapAt(metadata, 'annotations')).filter(([key]) => key !== hashField));
  return new Map(fields.map(([key, value]) => [key, writeMap({ value })]));
}

function below(prefix: string, map: JsonMap): readonly [string, Json][] {
  return Object.entries(map).map(([key, value]) => [`${prefix}.${key}`, value]);
}

/** Names of the fields that differ, sorted; their values are in no text. */
export function changedKeys(before: Keys, after: Keys): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .sort(compareText);
}
