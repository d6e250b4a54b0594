import { createHash } from 'node:crypto';
import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';

/** Identifies an object of a cluster, whatever version it is written in. */
export interface ObjectRef {
  /** Empty: core. */
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object as a file or an API server has it. */
export interface KubernetesObject {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  /** All of it. */
  readonly body: JsonMap;
  /** The file, or the cluster. */
  readonly origin: string;
}

/** The origin of what a cluster has. */
export const inCluster = 'the cluster';

/** `ConfigMap default/ca-bundle`, or `CronJob.batch default/scan`. */
export function refText({ group, kind, namespace, name }: ObjectRef): string {
  return `${kindText({ group, kind })} ${namespace}/${name}`;
}

/** `ConfigMap`, or `CronJob.batch`. */
export function kindText({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): string {
  return group === '' ? kind : `${kind}.${group}`;
}

export function refKey({ group, kind, namespace, name }: ObjectRef): string {
  return `${group}\0${kind}\0${namespace}\0${name}`;
}

/** The group of an apiVersion: `batch`, of `batch/v1`; empty for core. */
export function groupOf(apiVersion: string): string {
  const end = apiVersion.indexOf('/');
  return end === -1 ? '' : apiVersion.slice(0, end);
}

/** What names an object in its namespace, as kubectl does: `configmap/ca-bundle`, `cronjob.batch/scan`. */
export function objectName({ group, kind, name }: Omit<ObjectRef, 'namespace'>): string {
  return `${kindText({ group, kind }).toLowerCase()}/${name}`;
}

/** The longest name of a file, less its ending, in bytes: file systems take 255. */
const longest = 240;

/** The same as part of a path: `configmap.ca-bundle`. Two objects that would share one are held, as any two files. */
export function fileName(ref: Omit<ObjectRef, 'namespace'>): string {
  const [kind = '', name = ''] = objectName(ref).split(/\/(.*)/s);
  const whole = `${kind}.${encodeURIComponent(name).replace(/[!'()*~]/g, percent)}`;
  if (whole.length <= longest) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  return `${whole.slice(0, longest - 17)}-${digest}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** API groups of Kubernetes itself that are no domains (kubernetes/api). */
const plainGroups: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']);

/** Whether a text can be an API group: one of Kubernetes' own, or a domain (apiextensions, `ValidateCustomResourceDefinitionSpec`). */
export function isGroup(group: string): boolean {
  return (
    plainGroups.has(group) ||
    (group.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(group))
  );
}

/** Whether Kubernetes takes a text as the name of an object in a path (apimachinery, `IsValidPathSegmentName`). */
export function isObjectName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 253 && !/[/%\p{Cc}]/u.test(name);
}

/** A map in a map; empty where there is none. */
export function mapAt(map: JsonMap, key: string): JsonMap {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return isJsonMap(value) ? value : {};
}
