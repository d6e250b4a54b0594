import type { Parsed } from '../../core/decision.ts';
import { reasonOf } from '../../model/error.ts';
import { label } from '../../model/label.ts';
import { hasHeader } from '../../model/manifest.ts';
import { maxYamlBytes, parseYamlStream, YamlError } from '../../model/yaml.ts';
import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';
import { pruneKey } from '../objects/controllers.ts';
import { Damaged, readManifests, textsIn, toJson } from '../objects/manifests.ts';
import { isMarker } from '../objects/marker.ts';
import { groupOf, mapAt, objectName } from '../objects/object.ts';
import { type Keys, keysOf } from './keys.ts';
import { copyKeys, copyMarker } from './render.ts';
import { meantAsSync } from './sync.ts';

/** A copy, read back from a file. */
export interface Copy {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  /** `namespace/name` of the source. */
  readonly from: string;
  /** `syncKey` of the ObjectSync that asked for it. */
  readonly sync: string;
  readonly hash: string;
  /** No controller prunes the object. */
  readonly adopted: boolean;
  readonly keys: Keys;
}

/** What a rendered file holds: a copy, or the object that keeps the folder. */
export type CopyState = Copy | 'marker';

/** Reads a rendered file back, as the cluster reads it. */
export function parseCopy(content: Uint8Array): Parsed<CopyState> {
  if (!hasHeader(content)) return foreign(content);
  try {
    const documents = parseYamlStream(new TextDecoder('utf-8', { fatal: true }).decode(content), {
      maxBytes: maxYamlBytes.manifests,
      version: '1.1',
      aliases: 'refused',
      values: 'exact',
    });
    const [first, ...others] = documents;
    if (first === undefined || others.length > 0) return unparsable('it must contain exactly one object');
    const body = toJson(first.value);
    return isJsonMap(body) ? stateOf(body) : unparsable('it contains no object');
  } catch (error) {
    // A parser's message may quote a value.
    if (error instanceof Damaged) return unparsable(error.message);
    if (error instanceof YamlError)
      return unparsable(`invalid YAML${error.line === undefined ? '' : ` at line ${error.line}`}`);
    return unparsable(error instanceof TypeError ? 'it is not UTF-8' : reasonOf(error));
  }
}

/** A file of others: where it holds one object alone, it may be handed over to a copy of that name. */
function foreign(content: Uint8Array): Parsed<CopyState> {
  const read = readManifests('', content, meantAsSync);
  const [object, ...more] = 'objects' in read && !read.others ? read.objects : [];
  if (object === undefined || more.length > 0) return { kind: 'foreign' };
  return { kind: 'foreign', unit: { namespace: object.ref.namespace, name: objectName(object.ref) } };
}

function unparsable(reason: string): { readonly kind: 'unparsable'; readonly reason: string } {
  return { kind: 'unparsable', reason };
}

function stateOf(body: JsonMap): Parsed<CopyState> {
  const { apiVersion, kind } = body;
  const metadata = mapAt(body, 'metadata');
  const { name, namespace } = metadata;
  const annotations = textsIn(mapAt(metadata, 'annotations'));
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') {
    return unparsable('it needs apiVersion, kind and metadata.name');
  }
  if (typeof namespace !== 'string' || !label.test(namespace)) return unparsable('it needs a metadata.namespace');
  if (isMarker(body, copyMarker)) return { kind: 'rendered', unit: {}, state: 'marker' };
  const { [copyKeys.source]: from, [copyKeys.sync]: sync, [copyKeys.hash]: hash = '' } = annotations;
  if (from === undefined || sync === undefined) {
    return unparsable(`it needs the annotations ${copyKeys.source} and ${copyKeys.sync}`);
  }
  const group = groupOf(apiVersion);
  const adopted = annotations[pruneKey] === 'disabled';
  const state = { kind, group, name, from, sync, hash, adopted, keys: keysOf(body) };
  return { kind: 'rendered', unit: { namespace, name: objectName({ group, kind, name }) }, state };
}
