import { maxYamlBytes, parseYamlStream, YamlError } from '../../model/yaml.ts';
import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';
import { groupOf, isObjectName, type KubernetesObject, mapAt } from './object.ts';

/** What a file holds, or why that is not known: the place alone, as a parser's message may quote a value. */
export type ReadManifests = { readonly objects: readonly KubernetesObject[] } | { readonly reason: string };

/**
 * Reads the objects of a file, of any number of documents, as Kubernetes reads them (YAML 1.1, integers exactly); a List is its
 * items. Documents that are no objects are left out: the file may be for another tool.
 *
 * @param origin what the objects are said to come from
 */
export function readManifests(origin: string, content: Uint8Array): ReadManifests {
  try {
    const documents = parseYamlStream(content, {
      maxBytes: maxYamlBytes.manifests,
      version: '1.1',
      mergeKeys: 'read',
      values: 'exact',
    });
    return { objects: documents.flatMap(({ value }) => objectsIn(toJson(value), origin)) };
  } catch (error) {
    if (!(error instanceof YamlError)) return { reason: 'it is not valid YAML' };
    const { line, column } = error;
    return { reason: `it is not valid YAML${line === undefined ? '' : ` at line ${line}, column ${column}`}` };
  }
}

/** As JSON: integers that a number holds as numbers. @throws YamlError for what JSON has no text for */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'number':
      if (!Number.isFinite(value)) throw new YamlError('a number that JSON does not have');
      return value;
    case 'string':
      if (!value.isWellFormed()) throw new YamlError('a lone surrogate');
      return value;
    case 'boolean':
      return value;
    default:
      if (Array.isArray(value)) return value.map(toJson);
      if (value === null || value === undefined) return null;
      return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, toJson(it)]));
  }
}

/** The objects that a document is, or lists. */
export function objectsIn(value: Json, origin: string): readonly KubernetesObject[] {
  if (!isJsonMap(value)) return [];
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item) =>
      // The items of a list that names their kind may leave it out.
      isJsonMap(item) ? objectsIn({ apiVersion, kind: kind.slice(0, -'List'.length), ...item }, origin) : [],
    );
  }
  const metadata = mapAt(value, 'metadata');
  const { name } = metadata;
  if (typeof name !== 'string' || !isObjectName(name)) return [];
  const namespace = metadata['namespace'];
  return [
    {
      // Without a namespace it goes where kubectl and the GitOps controllers put it unless told otherwise.
      ref: {
        group: groupOf(apiVersion),
        kind,
        namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
        name,
      },
      apiVersion,
      labels: textsIn(mapAt(metadata, 'labels')),
      body: value,
      origin,
    },
  ];
}

/** The texts of a map of labels or annotations. */
export function textsIn(map: JsonMap): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
