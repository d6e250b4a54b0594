import { managedByKey, managedByValue } from '../../model/manifest.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { pruneKey, ssaKey, syncOptionsKey } from '../objects/controllers.ts';
import { sourceObjectKey } from '../objects/origin.ts';
import { objectText } from '../objects/text.ts';
import type { ResolvedPort } from './endpoints.ts';
import type { ServicePort, SourceService } from './service.ts';

/** Labels of what is mirrored. `sync` is what k8s-svc-sync gives its Services; the others are of Kubernetes and its MCS API. */
export const mirrorLabels = {
  sync: 'sync',
  sourceCluster: 'multicluster.kubernetes.io/source-cluster',
  slicesManagedBy: 'endpointslice.kubernetes.io/managed-by',
} as const;

export const syncedValue = 'true-external';
/** Linkerd mirrors a Service that has it to the clusters that are linked (linkerd.io, multicluster). */
export const exportedKey = 'mirror.linkerd.io/exported';
const mcs = 'multicluster.x-k8s.io/v1alpha1';

/** An object that is rendered into a file of its own. */
export interface Rendered {
  /** What `{object}` in the path stands for: `service.web`. */
  readonly file: string;
  readonly text: string;
}

/** What a Service is in the destination, by its name there. */
export interface Placed {
  readonly service: SourceService;
  /** Name of the source. */
  readonly source: string;
  /** In the destination. */
  readonly namespace: string;
}

function metadataOf(
  { service, source, namespace }: Placed,
  annotations: Readonly<Record<string, string>> = {},
): JsonMap {
  return {
    annotations: { ...annotations, [sourceObjectKey]: `${service.namespace}/${service.name}` },
    labels: { ...service.labels, ...ownLabels(source) },
    name: service.name,
    namespace,
  };
}

/** Labels of everything that is mirrored from a source. */
export function ownLabels(source: string): Readonly<Record<string, string>> {
  return {
    [managedByKey]: managedByValue,
    [mirrorLabels.sourceCluster]: source,
    [mirrorLabels.sync]: syncedValue,
  };
}

function serviceFile(placed: Placed, spec: JsonMap, annotations?: Readonly<Record<string, string>>): Rendered {
  const metadata = metadataOf(placed, annotations);
  const text = objectText({ apiVersion: 'v1', kind: 'Service', metadata, rest: { spec } });
  return { file: `service.${placed.service.name}`, text };
}

/** A Service without a selector: nothing in the destination fills it but the slices that go with it. */
export function renderService(placed: Placed): Rendered {
  return serviceFile(placed, specOf(placed.service));
}

/** The same for Cilium, which fills it from the clusters of its mesh that have a Service of that name (docs.cilium.io, clustermesh). */
export function renderGlobal(placed: Placed): Rendered {
  const annotations = { 'service.cilium.io/global': 'true', 'service.cilium.io/shared': 'false' };
  return serviceFile(placed, specOf(placed.service), annotations);
}

export function renderExternalName(placed: Placed, externalName: string): Rendered {
  const { ports } = placed.service;
  const listed = ports.length === 0 ? {} : { ports: ports.map(portOf) };
  return serviceFile(placed, { type: 'ExternalName', externalName, ...listed });
}

/** MCS API, KEP-1645. */
export function renderImport(placed: Placed): Rendered {
  const { name, type, ports, affinity } = placed.service;
  const spec = {
    type: type === 'headless' ? 'Headless' : 'ClusterSetIP',
    ports: ports.map((it) => withoutTarget(portOf(it))),
    ...affinityOf(affinity),
  };
  const text = objectText({ apiVersion: mcs, kind: 'ServiceImport', metadata: metadataOf(placed), rest: { spec } });
  return { file: `serviceimport.${name}`, text };
}

/** Goes to the cluster that has the Service. */
export function renderExport({ name, namespace }: SourceService): Rendered {
  const metadata = { labels: { [managedByKey]: managedByValue }, name, namespace };
  return { file: `serviceexport.${name}`, text: objectText({ apiVersion: mcs, kind: 'ServiceExport', metadata }) };
}

/**
 * A label for a Service that belongs to others, in the cluster that has it: applied server-side, so that nothing else of it changes,
 * and never pruned, as that would delete the Service.
 */
export function renderPatch({ name, namespace }: SourceService): Rendered {
  const annotations = {
    [syncOptionsKey]: 'Prune=false,ServerSideApply=true',
    [pruneKey]: 'disabled',
    [ssaKey]: 'Merge',
  };
  const metadata = { annotations, labels: { [exportedKey]: 'true' }, name, namespace };
  return { file: `service.${name}`, text: objectText({ apiVersion: 'v1', kind: 'Service', metadata }) };
}

/** A namespace that nothing else declares. It stays in the cluster when its file goes: what else is in it is not ours. */
export function renderNamespace(name: string): Rendered {
  const metadata = {
    annotations: { [syncOptionsKey]: 'Prune=false', [pruneKey]: 'disabled' },
    labels: { [managedByKey]: managedByValue },
    name,
  };
  return { file: `namespace.${name}`, text: objectText({ apiVersion: 'v1', kind: 'Namespace', metadata }) };
}

function specOf({ type, ports, affinity, families }: SourceService): JsonMap {
  return {
    type: 'ClusterIP',
    ...(type === 'headless' ? { clusterIP: 'None' } : {}),
    ports: ports.map(portOf),
    ...affinityOf(affinity),
    ...familiesOf(families),
  };
}

/**
 * Of one family, both fields: a headless Service without a selector would be given two otherwise, and could not be applied again. Of
 * two, the policy alone: a cluster with one of them takes that too, and chooses the first itself.
 */
function familiesOf(families: SourceService['families']): JsonMap {
  if (families.length > 1) return { ipFamilyPolicy: 'PreferDualStack' };
  return families.length === 0 ? {} : { ipFamilies: [...families], ipFamilyPolicy: 'SingleStack' };
}

function affinityOf(affinity: SourceService['affinity']): JsonMap {
  if (affinity === undefined) return {};
  const { seconds } = affinity;
  const config = seconds === undefined ? {} : { sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } } };
  return { sessionAffinity: 'ClientIP', ...config };
}

/** A port of a Service, or of a slice. */
export function portOf(it: ResolvedPort | ServicePort): JsonMap {
  const { name, protocol, port, appProtocol } = it;
  return {
    ...(name === '' ? {} : { name }),
    port,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
    ...('targetPort' in it && it.targetPort !== undefined ? { targetPort: it.targetPort } : {}),
  };
}

function withoutTarget({ targetPort: _, ...port }: JsonMap): JsonMap {
  return port;
}
