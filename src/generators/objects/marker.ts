import { managedByKey, managedByValue } from '../../model/manifest.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from './manifests.ts';
import { mapAt } from './object.ts';
import { objectText } from './text.ts';

/** The object that keeps a generator's folder of a cluster from becoming empty. */
export interface Marker {
  /** `athenz-gitops-copies` */
  readonly name: string;
  /** Of the generator: the value of its annotation. */
  readonly inventory: string;
}

const inventoryKey = 'athenz-gitops.io/inventory';

/**
 * Argo CD does not prune an application that has no object left, unless told to (argo-cd, user-guide/auto_sync), and Flux fails on a
 * path that does not exist: this object stays when the last of the others goes.
 *
 * @param also further annotations
 */
export function markerText(
  { name, inventory }: Marker,
  namespace: string,
  also: Readonly<Record<string, string>> = {},
): string {
  const metadata = {
    annotations: { ...also, [inventoryKey]: inventory },
    labels: { [managedByKey]: managedByValue },
    name,
    namespace,
  };
  return objectText({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

/** Whether a rendered object is a marker. */
export function isMarker(body: JsonMap, { name, inventory }: Marker): boolean {
  const metadata = mapAt(body, 'metadata');
  return metadata['name'] === name && textsIn(mapAt(metadata, 'annotations'))[inventoryKey] === inventory;
}
