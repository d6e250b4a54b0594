import type { z } from 'zod';
import { formatPath, toIssues } from '../../config/issues.ts';
import { keysOf } from '../../config/keys.ts';
import { label } from '../../model/label.ts';
import { isJsonMap, type Json, type JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from '../objects/manifests.ts';
import { mapAt } from '../objects/object.ts';
import type { ClusterInput, InvalidInput, ModuleInput, ModuleUse, Origin, SetInput, Unreadable } from './input.ts';
import { clusterSchema, componentsSchema, isName, kymaSchema, moduleSchema, setSchema } from './input-schema.ts';

/** What files say of one kind of thing. */
export interface Documents<T> {
  readonly valid: readonly T[];
  readonly invalid: readonly InvalidInput[];
  readonly unreadable: readonly Unreadable[];
}

type Read<T> = { readonly valid: T } | { readonly invalid: InvalidInput } | { readonly unreadable: Unreadable };

/** Clusters of documents: ours, lists of them, or Kyma resources. Other objects of Kubernetes are ignored. */
export function readClusters(documents: readonly Json[], file: string): Documents<ClusterInput> {
  return collect(
    documents.flatMap((it) => itemsIn(it, 'clusters')).filter((it) => !isOther(it)),
    file,
    (item) => (typeof item['kind'] === 'string' ? readKyma(item, file) : readOwn(item, file)),
  );
}

export function readModules(documents: readonly Json[], file: string): Documents<ModuleInput> {
  const items = documents.flatMap((it) => itemsIn(it, 'modules'));
  return collect(items, file, (item) => {
    const parsed = parse(moduleSchema, item);
    if ('reason' in parsed) return parsed;
    const { chart, kustomize, helmComponent: _, channels, namespace, ...module } = parsed.value;
    const origin = originOf(chart, kustomize);
    return { value: { ...module, ...given({ namespace }), file, origin, channels: new Map(Object.entries(channels)) } };
  });
}

export function readSets(documents: readonly Json[], file: string): Documents<SetInput> {
  const items = documents.flatMap((it) => itemsIn(it, 'sets'));
  return collect(items, file, (item) => {
    const parsed = parse(setSchema, item);
    return 'reason' in parsed ? parsed : { value: { ...parsed.value, file } };
  });
}

function originOf(chart: Omit<Chart, 'kind'> | undefined, kustomize: Omit<Kustomize, 'kind'> | undefined): Origin {
  if (chart !== undefined) return { kind: 'chart', ...chart };
  return kustomize === undefined ? { kind: 'helmComponent' } : { kind: 'kustomize', ...kustomize };
}

type Chart = Extract<Origin, { kind: 'chart' }>;
type Kustomize = Extract<Origin, { kind: 'kustomize' }>;

function readOwn(item: JsonMap, file: string): Parsed<ClusterInput> {
  const parsed = parse(clusterSchema, item);
  if ('reason' in parsed) return parsed;
  const { set = [], modules, channel, namespace, ...cluster } = parsed.value;
  const sets = typeof set === 'string' ? [set] : set;
  return { value: { ...cluster, ...given({ channel, namespace }), file, sets, modules: modules.map(toUse) } };
}

const groups = ['inventory.kyma-project.io', 'operator.kyma-project.io'] as const;

function isKyma({ apiVersion, kind }: JsonMap): boolean {
  const isGroup = groups.some((group) => typeof apiVersion === 'string' && apiVersion.startsWith(`${group}/`));
  return typeof kind === 'string' && (kind.toLowerCase() === 'kyma' || (isGroup && kind === 'Kyma'));
}

/** An object of Kubernetes that is no Kyma. */
function isOther(item: Json): boolean {
  return isJsonMap(item) && typeof item['apiVersion'] === 'string' && typeof item['kind'] === 'string' && !isKyma(item);
}

/** A Kyma as the operator or the lifecycle manager takes it; the status, which they write, is ignored. */
function readKyma(item: JsonMap, file: string): Parsed<ClusterInput> {
  const metadata = mapAt(item, 'metadata');
  const { name, namespace = 'default' } = metadata;
  if (typeof name !== 'string') return { reason: 'metadata.name must be a text' };
  if (typeof namespace !== 'string' || !label.test(namespace))
    return { reason: 'metadata.namespace must be the name of a namespace' };
  const unknown = Object.keys(item).find((key) => !['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(key));
  if (unknown !== undefined) return { reason: `${unknown} is no field of a Kyma` };
  const head = {
    name,
    namespace,
    file,
    labels: textsIn(mapAt(metadata, 'labels')),
    sets: [],
    values: {},
    allowDowngrade: false,
  };
  switch (item['apiVersion']) {
    case 'inventory.kyma-project.io/v1alpha1': {
      const parsed = parse(componentsSchema, item['spec'] ?? {}, ['spec']);
      return 'reason' in parsed ? parsed : { value: { ...head, modules: parsed.value.components.map(toUse) } };
    }
    case 'operator.kyma-project.io/v1beta2': {
      const parsed = parse(kymaSchema, item['spec'] ?? {}, ['spec']);
      if ('reason' in parsed) return parsed;
      const { channel, modules } = parsed.value;
      return { value: { ...head, ...given({ channel }), modules: modules.map(toUse) } };
    }
    default:
      return {
        reason: 'apiVersion must be inventory.kyma-project.io/v1alpha1 or operator.kyma-project.io/v1beta2',
      };
  }
}

type Listed = Pick<ModuleUse, 'name'> & {
  readonly [K in keyof Omit<ModuleUse, 'name'>]?: ModuleUse[K] | undefined;
};

function toUse(listed: Listed): ModuleUse {
  const { name, namespace, channel, version } = listed;
  const { values = {}, valuesFrom = [], managed = true, allowDowngrade = false } = listed;
  return { name, ...given({ namespace, channel, version }), values, valuesFrom, managed, allowDowngrade };
}

/** Without what is undefined. */
function given<T extends string>(texts: Readonly<Record<T, string | undefined>>): { readonly [K in T]?: string } {
  return Object.fromEntries(Object.entries(texts).filter(([, it]) => it !== undefined)) as {
    readonly [K in T]?: string;
  };
}

/** A document that is a list, or has one as its only key, is its items. */
function itemsIn(document: Json, key: string): readonly Json[] {
  if (Array.isArray(document)) return document;
  if (!isJsonMap(document)) return [document];
  const { kind, items } = document;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    const { apiVersion = null } = document;
    const of = kind.slice(0, -'List'.length);
    return items.map((item) => (isJsonMap(item) ? { ...(of === '' ? {} : { apiVersion, kind: of }), ...item } : item));
  }
  const list = document[key];
  return Object.keys(document).length === 1 && Array.isArray(list) ? list : [document];
}

type Parsed<T> = { readonly value: T } | { readonly reason: string };

function collect<T>(items: readonly Json[], file: string, read: (item: JsonMap) => Parsed<T>): Documents<T> {
  const results = items.map((item): Read<T> => {
    if (!isJsonMap(item)) return { unreadable: { file, reason: 'it has an entry that is no map' } };
    const name = typeof item['kind'] === 'string' ? mapAt(item, 'metadata')['name'] : item['name'];
    const result = read(item);
    if (isName(name)) return 'value' in result ? { valid: result.value } : { invalid: { name, file, ...result } };
    const reason = 'reason' in result ? result.reason : 'its name cannot be one';
    return { unreadable: { file, reason } };
  });
  return {
    valid: results.flatMap((it) => ('valid' in it ? [it.valid] : [])),
    invalid: results.flatMap((it) => ('invalid' in it ? [it.invalid] : [])),
    unreadable: results.flatMap((it) => ('unreadable' in it ? [it.unreadable] : [])),
  };
}

/** @param above where the value stands */
function parse<T>(schema: z.ZodType<T>, value: unknown, above: readonly string[] = []): Parsed<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const issues = toIssues(parsed.error, keysOf(schema));
  return { reason: issues.map(({ path, message }) => `${where([...above, ...path])}${message}`).join('; ') };
}

function where(path: readonly (string | number)[]): string {
  return path.length === 0 ? '' : `${formatPath(path)}: `;
}
