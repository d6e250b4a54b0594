import { maxYamlBytes, parseYamlStream, YamlError } from '../../model/yaml.ts';
import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';
import { groupOf, isGroup, isObjectName, type KubernetesObject, mapAt } from './object.ts';

/** What a file holds, or why that is not known: the place alone, as a parser's message may quote a value. */
export type ReadManifests =
  /** `others`: it also has documents that are no objects. */
  { readonly objects: readonly KubernetesObject[]; readonly others: boolean } | Unread;

/**
 * Reads the objects of a file, of any number of documents, as Kubernetes reads them (YAML 1.1, integers exactly); a List is its
 * items. Documents that are no objects are left out, as the file may be for another tool; one that is damaged makes the file unreadable,
 * as it may hold the source of an ObjectSync.
 *
 * @param origin what the objects are said to come from
 * @param meant documents that decide something, and make the file unreadable where they are no objects
 */
export function readManifests(origin: string, content: Uint8Array, meant?: Meant): ReadManifests {
  return attempt(() => {
    const values = documentsIn(content);
    return { objects: values.flatMap((value) => objectsIn(value, origin, meant)), others: !values.every(isObject) };
  });
}

/** Reads the documents of a file as `readManifests` does, whatever they are; empty ones are left out. */
export function readDocuments(content: Uint8Array): { readonly documents: readonly Json[] } | Unread {
  return attempt(() => ({ documents: documentsIn(content) }));
}

interface Unread {
  readonly reason: string;
}

/** @throws Damaged, YamlError, TypeError */
function documentsIn(content: Uint8Array): readonly Json[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  const documents = parseYamlStream(text, {
    maxBytes: maxYamlBytes.manifests,
    version: '1.1',
    mergeKeys: 'read',
    values: 'exact',
  });
  return documents.map(({ value }) => toJson(value)).filter((value) => value !== null);
}

function attempt<T>(read: () => T): T | Unread {
  try {
    return read();
  } catch (error) {
    if (error instanceof Damaged) return { reason: error.message };
    if (error instanceof TypeError) return { reason: 'it is not UTF-8' };
    if (!(error instanceof YamlError)) return { reason: 'it is not valid YAML' };
    const { line, column } = error;
    return { reason: `it is not valid YAML${line === undefined ? '' : ` at line ${line}, column ${column}`}` };
  }
}

function isObject(value: Json): boolean {
  return isJsonMap(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}

/** An object that cannot be told from others. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** Keys beyond it are written in another way, which not every parser reads (YAML 1.2, "Implicit Keys"). */
const longestKey = 500;
const least = -(2n ** 63n);
const beyond = 2n ** 64n;

/** As JSON: integers that a number holds as numbers. @throws Damaged for what the API has no value for */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      if (value < least || value >= beyond) throw new Damaged('it has an integer of more than 64 bits');
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'number':
      if (!Number.isFinite(value)) throw new Damaged('it has a number that JSON does not have');
      return value;
    case 'string':
      if (!value.isWellFormed()) throw new Damaged('it has a text with a lone surrogate, which has no encoding');
      return value;
    case 'boolean':
      return value;
    default:
      if (Array.isArray(value)) return value.map(toJson);
      if (value === null || value === undefined) return null;
      return Object.fromEntries(Object.entries(value).map(([key, it]) => [keyOf(key), toJson(it)]));
  }
}

function keyOf(key: string): string {
  if (!key.isWellFormed()) throw new Damaged('it has a key with a lone surrogate, which has no encoding');
  if (key.length > longestKey) throw new Damaged(`it has a key of more than ${longestKey} characters`);
  return key;
}

/** What a document was meant as that lacks what makes it an object. */
export interface Meant {
  /** `ObjectSync` */
  readonly kind: string;
  is(value: JsonMap): boolean;
}

/** The objects that a document is, or lists. @throws Damaged */
export function objectsIn(value: Json, origin: string, meant?: Meant): readonly KubernetesObject[] {
  if (Array.isArray(value)) return [];
  // No tool's file is one word: it was cut off, or overwritten.
  if (!isJsonMap(value)) throw new Damaged('it has a document that is neither a map nor a list');
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    if (meant?.is(value)) throw new Damaged(`it has an ${meant.kind} without apiVersion and kind`);
    return [];
  }
  if (kind.endsWith('List') && (items !== undefined || kind === 'List')) {
    if (!Array.isArray(items)) throw new Damaged(`it has a ${kind} whose items are no list`);
    return items.flatMap((item) =>
      // The items of a list that names their kind may leave it out.
      isJsonMap(item) ? objectsIn({ apiVersion, kind: kind.slice(0, -'List'.length), ...item }, origin, meant) : [],
    );
  }
  const { name, namespace = null } = mapAt(value, 'metadata');
  if (name === undefined && !meant?.is(value)) return [];
  if (typeof name !== 'string' || !isObjectName(name))
    throw new Damaged(`it has a ${kind} whose metadata.name is no name`);
  if (namespace !== null && typeof namespace !== 'string') {
    throw new Damaged(`it has a ${kind} whose metadata.namespace is no text`);
  }
  const group = groupOf(apiVersion);
  if (!isGroup(group)) return [];
  // Without a namespace it goes where kubectl and the GitOps controllers put it unless told otherwise.
  const ref = { group, kind, namespace: namespace || 'default', name };
  return [{ ref, apiVersion, labels: textsIn(mapAt(mapAt(value, 'metadata'), 'labels')), body: value, origin }];
}

/** The texts of a map of labels or annotations. */
export function textsIn(map: JsonMap): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
