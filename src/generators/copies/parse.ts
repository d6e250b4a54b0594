import type { Parsed } from '../../core/decision.ts';
import { label } from '../../model/label.ts';
import { hasHeader } from '../../model/manifest.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { pruneKey } from '../objects/controllers.ts';
import { readManifests, textsIn } from '../objects/manifests.ts';
import { isMarker } from '../objects/marker.ts';
import { groupOf, mapAt, objectName } from '../objects/object.ts';
import { parseObject, unparsable } from '../objects/parse.ts';
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
  return hasHeader(content) ? parseObject(content, stateOf) : foreign(content);
}

/** A file of others: where it holds one object alone, it may be handed over to a copy of that name. */
function foreign(content: Uint8Array): Parsed<CopyState> {
  const read = readManifests('', content, meantAsSync);
  const [object, ...more] = 'objects' in read && !read.others ? read.objects : [];
  if (object === undefined || more.length > 0) return { kind: 'foreign' };
  return { kind: 'foreign', unit: { namespace: object.ref.namespace, name: objectName(object.ref) } };
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
