import { suggest } from '../../config/issues.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { type KubernetesObject, kindText, mapAt, type ObjectRef } from '../objects/object.ts';
import type { CopiesConfig } from './config.ts';
import type { SyncProblem } from './sync.ts';

/** What has to be known of a kind. */
export interface KindInfo {
  /** As in the rules of a Role: `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

type Kind = Pick<ObjectRef, 'group' | 'kind'>;

/** Kinds by `group/Kind`: those of Kubernetes, and of controllers that many clusters have. A `!` marks what is cluster scoped. */
const known: Readonly<Record<string, string>> = {
  '': `Binding:bindings ConfigMap:configmaps Endpoints:endpoints Event:events LimitRange:limitranges
    PersistentVolumeClaim:persistentvolumeclaims Pod:pods PodTemplate:podtemplates
    ReplicationController:replicationcontrollers ResourceQuota:resourcequotas Secret:secrets Service:services
    ServiceAccount:serviceaccounts !Namespace:namespaces !Node:nodes !PersistentVolume:persistentvolumes`,
  apps: 'ControllerRevision:controllerrevisions DaemonSet:daemonsets Deployment:deployments ReplicaSet:replicasets StatefulSet:statefulsets',
  batch: 'CronJob:cronjobs Job:jobs',
  autoscaling: 'HorizontalPodAutoscaler:horizontalpodautoscalers',
  policy: 'PodDisruptionBudget:poddisruptionbudgets',
  'networking.k8s.io':
    'Ingress:ingresses NetworkPolicy:networkpolicies !IngressClass:ingressclasses !IPAddress:ipaddresses !ServiceCIDR:servicecidrs',
  'discovery.k8s.io': 'EndpointSlice:endpointslices',
  'coordination.k8s.io': 'Lease:leases',
  'events.k8s.io': 'Event:events',
  'rbac.authorization.k8s.io':
    'Role:roles RoleBinding:rolebindings !ClusterRole:clusterroles !ClusterRoleBinding:clusterrolebindings',
  'storage.k8s.io':
    'CSIStorageCapacity:csistoragecapacities !StorageClass:storageclasses !VolumeAttachment:volumeattachments !CSIDriver:csidrivers !CSINode:csinodes',
  'scheduling.k8s.io': '!PriorityClass:priorityclasses',
  'node.k8s.io': '!RuntimeClass:runtimeclasses',
  'apiextensions.k8s.io': '!CustomResourceDefinition:customresourcedefinitions',
  'apiregistration.k8s.io': '!APIService:apiservices',
  'certificates.k8s.io': '!CertificateSigningRequest:certificatesigningrequests',
  'flowcontrol.apiserver.k8s.io': '!FlowSchema:flowschemas !PriorityLevelConfiguration:prioritylevelconfigurations',
  'admissionregistration.k8s.io': `!MutatingWebhookConfiguration:mutatingwebhookconfigurations
    !ValidatingWebhookConfiguration:validatingwebhookconfigurations
    !ValidatingAdmissionPolicy:validatingadmissionpolicies
    !ValidatingAdmissionPolicyBinding:validatingadmissionpolicybindings`,
  'resource.k8s.io':
    'ResourceClaim:resourceclaims ResourceClaimTemplate:resourceclaimtemplates !DeviceClass:deviceclasses !ResourceSlice:resourceslices',
  'gateway.networking.k8s.io':
    'Gateway:gateways HTTPRoute:httproutes GRPCRoute:grpcroutes ReferenceGrant:referencegrants !GatewayClass:gatewayclasses',
  'bitnami.com': 'SealedSecret:sealedsecrets',
  'external-secrets.io':
    'ExternalSecret:externalsecrets SecretStore:secretstores PushSecret:pushsecrets !ClusterSecretStore:clustersecretstores !ClusterExternalSecret:clusterexternalsecrets',
  'helm.toolkit.fluxcd.io': 'HelmRelease:helmreleases',
  'kustomize.toolkit.fluxcd.io': 'Kustomization:kustomizations',
  'source.toolkit.fluxcd.io':
    'GitRepository:gitrepositories HelmRepository:helmrepositories HelmChart:helmcharts OCIRepository:ocirepositories Bucket:buckets',
  'argoproj.io': 'Application:applications ApplicationSet:applicationsets AppProject:appprojects',
  'cert-manager.io':
    'Certificate:certificates CertificateRequest:certificaterequests Issuer:issuers !ClusterIssuer:clusterissuers',
  'monitoring.coreos.com':
    'ServiceMonitor:servicemonitors PodMonitor:podmonitors PrometheusRule:prometheusrules Probe:probes',
};

const table: ReadonlyMap<string, KindInfo> = new Map(
  Object.entries(known).flatMap(([group, text]) =>
    text.split(/\s+/).map((entry): [string, KindInfo] => {
      const [kind = '', plural = ''] = entry.replace(/^!/, '').split(':');
      return [`${group}/${kind}`, { plural, namespaced: !entry.startsWith('!') }];
    }),
  ),
);

/** Kinds that are not copied unless the config allows it, and why. */
const refused: Readonly<Record<string, string>> = {
  '/Pod': 'a controller makes Pods: copy what it makes them from',
  '/Event': 'Events tell what happened to one object',
  'events.k8s.io/Event': 'Events tell what happened to one object',
  '/Endpoints': 'addresses are those of one Service; mirrors copies it with them',
  'discovery.k8s.io/EndpointSlice': 'addresses are those of one Service; mirrors copies it with them',
  'apps/ReplicaSet': 'a Deployment makes ReplicaSets: copy the Deployment',
  'apps/ControllerRevision': 'a controller makes it',
  'coordination.k8s.io/Lease': 'a Lease has one holder',
  '/Binding': 'it is a request, not an object',
  'rbac.authorization.k8s.io/Role': 'access follows Athenz in this repository',
  'rbac.authorization.k8s.io/RoleBinding': 'access follows Athenz in this repository',
};

/** Objects that a controller puts into each namespace (Kubernetes, Istio, OpenShift). */
const everywhere: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'istio-ca-root-cert', 'openshift-service-ca.crt']);

/** Whether each namespace has a ConfigMap of its own with this name: copies would be overwritten at once. */
export function isEverywhere({ group, kind, name }: Pick<ObjectRef, 'group' | 'kind' | 'name'>): boolean {
  return group === '' && kind === 'ConfigMap' && everywhere.has(name);
}

/** What the CustomResourceDefinitions among some objects say of their kinds. */
export function definedKinds(objects: readonly KubernetesObject[]): ReadonlyMap<string, KindInfo> {
  const crds = objects.filter(
    ({ ref }) => ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition',
  );
  return new Map(crds.flatMap(({ body }) => definedKind(mapAt(body, 'spec'))));
}

function definedKind(spec: JsonMap): readonly [string, KindInfo][] {
  const { group, scope } = spec;
  const { kind, plural } = mapAt(spec, 'names');
  if (typeof group !== 'string' || typeof kind !== 'string' || typeof plural !== 'string') return [];
  // A group of Kubernetes itself is none to define.
  if (!group.includes('.')) return [];
  return [[`${group}/${kind}`, { plural, namespaced: scope === 'Namespaced' }]];
}

/** Why objects of a kind are not copied, if they are not. */
export function refuseKind(
  kind: Kind,
  defined: ReadonlyMap<string, KindInfo>,
  { allowKinds, allowedResources, live }: Pick<CopiesConfig, 'allowKinds' | 'allowedResources' | 'live'>,
): SyncProblem | undefined {
  const key = `${kind.group}/${kind.kind}`;
  const info = table.get(key) ?? defined.get(key);
  const what = kindText(kind);
  const isAllowed = (plural: string) =>
    allowedResources.some(({ apiGroups, resources }) => has(apiGroups, kind.group) && has(resources, plural));
  // What is read from the cluster, its API server tells about.
  if (info === undefined && live.includes(what)) return isAllowed('*') ? undefined : notAllowed(what);
  if (info === undefined) {
    const message = `unknown kind ${what}${suggest(what, [...table.keys()].map(nameOf))}`;
    return { code: 'COPY_KIND_UNKNOWN', message, next: 'add its CustomResourceDefinition to copies.sources' };
  }
  if (!info.namespaced) {
    const message = `${what} is cluster scoped, copies only support namespace scoped resources`;
    return { code: 'COPY_KIND_REFUSED', message, next: 'name a kind that is namespaced' };
  }
  const why = allowKinds.includes(what) ? undefined : refused[key];
  if (why !== undefined) {
    return {
      code: 'COPY_KIND_REFUSED',
      message: `${what} is not copied: ${why}`,
      next: `if it must be, add ${what} to copies.allowKinds`,
    };
  }
  return isAllowed(info.plural) ? undefined : notAllowed(kindText({ ...kind, kind: info.plural }));
}

/** `CronJob.batch`, of `batch/CronJob`. */
function nameOf(key: string): string {
  const [group = '', name = ''] = key.split('/');
  return kindText({ group, kind: name });
}

function notAllowed(resource: string): SyncProblem {
  const message = `${resource} may not be copied`;
  return { code: 'COPY_NOT_ALLOWED', message, next: 'add it to copies.allowedResources' };
}

function has(list: readonly string[], item: string): boolean {
  return list.includes('*') || list.includes(item);
}
