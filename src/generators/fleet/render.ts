import { headerLine, managedByKey, managedByValue } from '../../model/manifest.ts';
import { quote } from '../../model/scalar.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { writeMap } from '../../model/yaml-write.ts';
import type { Marker } from '../objects/marker.ts';
import { markerText } from '../objects/marker.ts';
import { type FleetConfig, objectNamespace } from './config.ts';
import type { Fleet } from './fleet.ts';
import type { ModuleInput, Origin } from './input.ts';
import { markerName } from './layout.ts';
import { applicationName, releaseName } from './names.ts';
import type { Wanted } from './resolve.ts';

/** Annotations of what is rendered: the module on the cluster that it is, in full, as names may be cut. */
export const fleetKeys = {
  cluster: 'athenz-gitops.io/fleet-cluster',
  module: 'athenz-gitops.io/fleet-module',
  version: 'athenz-gitops.io/fleet-version',
  /** Of a HelmComponent, whose spec has no field for it. */
  namespace: 'athenz-gitops.io/fleet-namespace',
} as const;

/** Labels that a status is asked for by. */
const labelKeys = { cluster: 'athenz-gitops.io/cluster', module: 'athenz-gitops.io/module' } as const;

/** Writes a module on a cluster. */
export function moduleText(wanted: Wanted, fleet: Fleet): string {
  const { name, cluster, version, namespace } = wanted;
  const { config } = fleet;
  const { apiVersion, annotations = {}, finalizers, spec } = objectOf(wanted, fleet);
  const metadata: JsonMap = {
    annotations: {
      ...annotations,
      [fleetKeys.cluster]: cluster.name,
      [fleetKeys.module]: name,
      ...(version === undefined ? {} : { [fleetKeys.version]: version }),
      ...(config.kind === 'HelmComponent' && namespace !== undefined ? { [fleetKeys.namespace]: namespace } : {}),
    },
    ...(finalizers === undefined ? {} : { finalizers }),
    labels: {
      [labelKeys.cluster]: cluster.name,
      [labelKeys.module]: name,
      [managedByKey]: managedByValue,
    },
    name: nameOf(wanted, fleet),
    namespace: objectNamespace(config, cluster.namespace),
  };
  return write(apiVersion, config.kind, metadata, spec);
}

function nameOf({ name, cluster }: Wanted, { config, componentName }: Fleet): string {
  switch (config.kind) {
    case 'HelmRelease':
      return name;
    case 'Application':
      return applicationName(cluster.name, name);
    case 'HelmComponent':
      return componentName(cluster.name, name);
  }
}

function write(apiVersion: string, kind: string, metadata: JsonMap, spec: JsonMap): string {
  const head = `${headerLine}\napiVersion: ${quote(apiVersion)}\nkind: ${quote(kind)}\n`;
  return `${head}${writeMap({ metadata })}${writeMap({ spec })}`;
}

interface Parts {
  readonly apiVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly spec: JsonMap;
}

function objectOf(wanted: Wanted, fleet: Fleet): Parts {
  switch (fleet.config.kind) {
    case 'HelmRelease':
      return helmRelease(wanted, fleet.config);
    case 'Application':
      return application(wanted, fleet);
    case 'HelmComponent':
      return { apiVersion: 'inventory.kyma-project.io/v1alpha1', spec: { componentName: wanted.name } };
  }
}

const defaultNamespace = 'default';

/** Of Flux on the cluster itself (fluxcd.io, helmreleases, v2). */
function helmRelease(
  { name, module, version, namespace = defaultNamespace, values, valuesFrom, dependsOn }: Wanted,
  config: FleetConfig,
): Parts {
  const { origin } = module;
  const chart = {
    chart: origin.kind === 'chart' ? origin.name : name,
    sourceRef: { kind: 'HelmRepository', name, namespace: objectNamespace(config) },
    ...(version === undefined ? {} : { version }),
  };
  const spec = {
    chart: { spec: chart },
    ...(dependsOn.length === 0 ? {} : { dependsOn: dependsOn.map((it) => ({ name: it })) }),
    install: { createNamespace: true },
    interval: '10m',
    releaseName: releaseName(name),
    storageNamespace: namespace,
    targetNamespace: namespace,
    ...(Object.keys(values).length === 0 ? {} : { values }),
    ...(valuesFrom.length === 0 ? {} : { valuesFrom: valuesFrom.map((it) => ({ ...it }) as JsonMap) }),
  };
  return { apiVersion: 'helm.toolkit.fluxcd.io/v2', spec };
}

/**
 * Of Argo CD on the hub, which knows the cluster by its name. With the finalizer, an Application that goes takes its objects with it
 * (argo-cd, user-guide/app_deletion); in an app of apps, waves order the modules (argo-cd, user-guide/sync-waves).
 */
function application(
  { name, cluster, module, version, namespace = defaultNamespace, values }: Wanted,
  fleet: Fleet,
): Parts {
  const depth = fleet.dependencies.depthOf(name);
  const spec = {
    destination: { name: cluster.name, namespace },
    project: fleet.config.project,
    source: sourceOf(module.origin, name, version, values),
    syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    ...(depth === 0 ? {} : { annotations: { 'argocd.argoproj.io/sync-wave': String(depth) } }),
    finalizers: ['resources-finalizer.argocd.argoproj.io'],
    spec,
  };
}

function sourceOf(origin: Origin, module: string, version: string | undefined, values: JsonMap): JsonMap {
  const revision = version === undefined ? {} : { targetRevision: version };
  if (origin.kind === 'kustomize') return { path: origin.path, repoURL: origin.repository, ...revision };
  const chart = origin.kind === 'chart' ? { chart: origin.name, repoURL: withoutScheme(origin.repository) } : {};
  const helm = {
    releaseName: releaseName(module),
    ...(Object.keys(values).length === 0 ? {} : { valuesObject: values }),
  };
  return { ...chart, helm, ...revision };
}

/** Argo CD knows a registry by its address alone (argo-cd, user-guide/helm, "OCI"). */
function withoutScheme(repository: string): string {
  return repository.replace(/^oci:\/\//, '');
}

/** Writes where the chart of a module is from, for the HelmReleases of all clusters (fluxcd.io, helmrepositories, v1). */
export function sourceText({ name, origin }: ModuleInput, config: FleetConfig): string | undefined {
  if (origin.kind !== 'chart') return undefined;
  const { repository: url } = origin;
  const metadata = {
    annotations: { [fleetKeys.module]: name },
    labels: { [labelKeys.module]: name, [managedByKey]: managedByValue },
    name,
    namespace: objectNamespace(config),
  };
  const type = url.startsWith('oci://') ? { type: 'oci' } : {};
  return write('source.toolkit.fluxcd.io/v1', 'HelmRepository', metadata, { interval: '1h', ...type, url });
}

/** Keeps the folder of a cluster, or that of the fleet, from becoming empty. */
export const fleetMarker: Marker = { name: markerName, inventory: 'fleet' };

/** @param cluster whose folder it keeps; not set for that of the fleet */
export function fleetMarkerText(namespace: string, cluster: string | undefined): string {
  return markerText(fleetMarker, namespace, cluster === undefined ? {} : { [fleetKeys.cluster]: cluster });
}
