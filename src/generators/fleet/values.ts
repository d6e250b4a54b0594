import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';

/**
 * Merges values as Helm merges files of them: maps key by key, and anything else, lists too, as a whole. The later layer wins; its
 * null stands, and makes Helm drop a default of the chart.
 */
export function mergeValues(layers: readonly JsonMap[]): JsonMap {
  const [first = {}, ...others] = layers.filter((it) => Object.keys(it).length > 0);
  return others.reduce<JsonMap>(merge, first);
}

/** Keys are data: `__proto__` is one like any other. */
function merge(under: JsonMap, over: JsonMap): JsonMap {
  const merged = new Map<string, Json>(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isJsonMap(below) && isJsonMap(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}
