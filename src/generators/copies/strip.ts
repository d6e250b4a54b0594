import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from '../objects/manifests.ts';
import { type KubernetesObject, mapAt } from '../objects/object.ts';
import type { CopiesConfig } from './config.ts';

/** What a copy has of its source: no field that the API server, a controller or another tool gave that one object. */
export interface Stripped {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Everything but apiVersion, kind and metadata. */
  readonly rest: JsonMap;
}

const annotations = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'argocd.argoproj.io/tracking-id',
  'argocd.argoproj.io/installation-id',
  'argocd.argoproj.io/refresh',
  'meta.helm.sh/release-name',
  'meta.helm.sh/release-namespace',
  'deployment.kubernetes.io/revision',
  'kubernetes.io/service-account.uid',
  'pv.kubernetes.io/*',
  'volume.kubernetes.io/selected-node',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'control-plane.alpha.kubernetes.io/leader',
  'reflector.v1.k8s.emberstack.com/*',
  'replicator.v1.mittwald.de/*',
  'kubed.appscode.com/*',
  '*.hnc.x-k8s.io/*',
  'hnc.x-k8s.io/*',
  'objectset.rio.cattle.io/*',
  'field.cattle.io/*',
  'batch.kubernetes.io/job-tracking',
  // Those of k8s-object-syncer and our own: a copy has them of its own.
  'sync.rustrial.org/*',
  'athenz-gitops.io/*',
];

/** Of the Pods of a Job: the Job controller sets them, and refuses those of another Job. */
const jobLabels = ['controller-uid', 'job-name', 'batch.kubernetes.io/*'];

const labels = [
  'app.kubernetes.io/managed-by',
  'argocd.argoproj.io/instance',
  'kustomize.toolkit.fluxcd.io/name',
  'kustomize.toolkit.fluxcd.io/namespace',
  'helm.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/namespace',
  'hnc.x-k8s.io/inherited-from',
  '*.tree.hnc.x-k8s.io/*',
  'kubed.appscode.com/origin.*',
  'generate.kyverno.io/*',
  'objectset.rio.cattle.io/hash',
  ...jobLabels,
];

const isStrippedAnnotation = matcherOf(annotations);
const isStrippedLabel = matcherOf(labels);
const isJobLabel = matcherOf(jobLabels);

/** Strips an object down to what its copies have in common with it. */
export function strip(
  { ref, body }: Pick<KubernetesObject, 'ref' | 'body'>,
  { stripLabels, keepInstanceLabel }: Pick<CopiesConfig, 'stripLabels' | 'keepInstanceLabel'>,
): Stripped {
  const metadata = mapAt(body, 'metadata');
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = body;
  const isLabel = (key: string) =>
    !stripLabels && !isStrippedLabel(key) && (keepInstanceLabel || key !== 'app.kubernetes.io/instance');
  return {
    labels: pick(textsIn(mapAt(metadata, 'labels')), isLabel),
    annotations: pick(textsIn(mapAt(metadata, 'annotations')), (key) => !isStrippedAnnotation(key)),
    rest: stripSpec(ref, rest),
  };
}

/** What the API server or a controller sets in one object alone, by kind. */
function stripSpec({ group, kind }: KubernetesObject['ref'], rest: JsonMap): JsonMap {
  const edit = (change: (spec: JsonMap) => JsonMap): JsonMap =>
    isJsonMap(rest['spec']) ? { ...rest, spec: change(rest['spec']) } : rest;
  switch (`${group}/${kind}`) {
    case '/Service':
      return edit(stripService);
    case '/PersistentVolumeClaim':
      return edit((spec) => without(spec, 'volumeName'));
    case '/Pod':
      return edit((spec) => without(spec, 'nodeName'));
    case '/ServiceAccount':
      // Of tokens that a controller made for it (KEP-2799): those of another account are refused.
      return without(rest, 'secrets');
    case 'batch/Job':
      return edit((spec) => (spec['manualSelector'] === true ? spec : stripJob(spec)));
    default:
      return rest;
  }
}

/** Addresses and ports that are allocated; "None" asks for a headless Service. */
function stripService(spec: JsonMap): JsonMap {
  const isHeadless = spec['clusterIP'] === 'None';
  const bare = without(spec, 'clusterIP', 'clusterIPs', 'healthCheckNodePort');
  const { ports } = bare;
  return {
    ...bare,
    ...(isHeadless ? { clusterIP: 'None' } : {}),
    ...(Array.isArray(ports)
      ? { ports: ports.map((port: Json) => (isJsonMap(port) ? without(port, 'nodePort') : port)) }
      : {}),
  };
}

function stripJob(spec: JsonMap): JsonMap {
  const bare = without(spec, 'selector');
  const { template } = bare;
  if (!isJsonMap(template) || !isJsonMap(template['metadata'])) return bare;
  const metadata = without(template['metadata'], 'creationTimestamp');
  const kept = Object.fromEntries(Object.entries(mapAt(metadata, 'labels')).filter(([key]) => !isJobLabel(key)));
  const labelled = Object.keys(kept).length === 0 ? without(metadata, 'labels') : { ...metadata, labels: kept };
  return { ...bare, template: { ...template, metadata: labelled } };
}

function without(map: JsonMap, ...keys: readonly string[]): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function pick(
  map: Readonly<Record<string, string>>,
  isKept: (key: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => isKept(key)));
}

/** @param keys with `*` for anything */
function matcherOf(keys: readonly string[]): (key: string) => boolean {
  const patterns = keys.map((key) => key.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  const any = new RegExp(`^(${patterns.join('|')})$`, 's');
  return (key) => any.test(key);
}
