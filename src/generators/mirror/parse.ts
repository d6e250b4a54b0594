import type { Parsed } from '../../core/decision.ts';
import { label } from '../../model/label.ts';
import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from '../objects/manifests.ts';
import { isMarker } from '../objects/marker.ts';
import { mapAt } from '../objects/object.ts';
import { sourceObjectKey } from '../objects/origin.ts';
import { parseObject, unparsable } from '../objects/parse.ts';
import { serviceNameKey } from './endpoints.ts';
import { exportedKey, mirrorLabels } from './render.ts';
import { addressMarker, addressUnit, mirrorMarker } from './territory.ts';

/** What a rendered file holds. */
export type Held =
  /** A Service, or what stands for it. */
  | {
      readonly kind: 'head';
      /** Not set for what is in the cluster of the source itself. */
      readonly source?: string;
      /** `namespace/name` in the source. */
      readonly from: string;
      /** `ClusterIP http 80/TCP` */
      readonly is: string;
    }
  | {
      readonly kind: 'slice';
      readonly source: string;
      readonly from: string;
      /** `http 8080/TCP` */
      readonly ports: string;
      readonly addresses: readonly string[];
    }
  /** A namespace, or what keeps a folder. */
  | { readonly kind: 'other' };

/** Reads a rendered file back, as the cluster reads it. */
export function parseMirror(content: Uint8Array): Parsed<Held> {
  return parseObject(content, stateOf);
}

function stateOf(body: JsonMap): Parsed<Held> {
  const { kind } = body;
  const metadata = mapAt(body, 'metadata');
  const { name, namespace } = metadata;
  if (typeof kind !== 'string' || typeof name !== 'string') return unparsable('it needs kind and metadata.name');
  if (isMarker(body, mirrorMarker)) return { kind: 'rendered', unit: {}, state: { kind: 'other' } };
  if (isMarker(body, addressMarker)) return { kind: 'rendered', unit: addressUnit, state: { kind: 'other' } };
  if (kind === 'Namespace') {
    return label.test(name)
      ? { kind: 'rendered', unit: { namespace: name }, state: { kind: 'other' } }
      : unparsable('it needs a metadata.name');
  }
  if (typeof namespace !== 'string' || !label.test(namespace)) return unparsable('it needs a metadata.namespace');
  const labels = textsIn(mapAt(metadata, 'labels'));
  const from = textsIn(mapAt(metadata, 'annotations'))[sourceObjectKey];
  const source = labels[mirrorLabels.sourceCluster];
  const head = (state: Omit<Extract<Held, { kind: 'head' }>, 'kind'>): Parsed<Held> => ({
    kind: 'rendered',
    unit: { namespace, name: `${kind.toLowerCase()}/${name}` },
    state: { kind: 'head', ...state },
  });
  if (kind === 'ServiceExport') return head({ from: `${namespace}/${name}`, is: 'ServiceExport' });
  if (kind === 'Service' && labels[exportedKey] !== undefined && from === undefined) {
    return head({ from: `${namespace}/${name}`, is: `label ${exportedKey}` });
  }
  if (from === undefined || source === undefined) {
    return unparsable(`it needs the annotation ${sourceObjectKey} and the label ${mirrorLabels.sourceCluster}`);
  }
  switch (kind) {
    case 'Service':
    case 'ServiceImport':
      return head({ source, from, is: specText(mapAt(body, 'spec')) });
    case 'EndpointSlice': {
      const service = labels[serviceNameKey];
      if (service === undefined) return unparsable(`it needs the label ${serviceNameKey}`);
      const state = { kind, source, from, ports: portsText(body['ports']), addresses: addressesIn(body) };
      return { kind: 'rendered', unit: { namespace, name: `service/${service}` }, state: { ...state, kind: 'slice' } };
    }
    default:
      return unparsable('it is of another kind than what is mirrored');
  }
}

function specText(spec: JsonMap): string {
  const { type, clusterIP, externalName } = spec;
  const name = clusterIP === 'None' ? 'headless' : String(type ?? 'ClusterIP');
  const ports = portsText(spec['ports']);
  const target = typeof externalName === 'string' ? ` ${externalName}` : '';
  return `${name}${target}${ports === '' ? '' : ` ${ports}`}`;
}

/** `http 80/TCP, 53/UDP` */
function portsText(ports: Json | undefined): string {
  const list = Array.isArray(ports) ? ports.filter(isJsonMap) : [];
  return list
    .map(
      ({ name, port, protocol }) => `${typeof name === 'string' ? `${name} ` : ''}${String(port)}/${String(protocol)}`,
    )
    .join(', ');
}

function addressesIn({ endpoints }: JsonMap): readonly string[] {
  const list = Array.isArray(endpoints) ? endpoints.filter(isJsonMap) : [];
  return list.flatMap(({ addresses }) =>
    Array.isArray(addresses) ? addresses.filter((it): it is string => typeof it === 'string') : [],
  );
}
