import type { OpenInput, SourceState } from '../../core/generator.ts';
import type { Problem } from '../../model/error.ts';
import { compareText } from '../../model/text.ts';
import { readManifestFiles } from '../objects/files.ts';
import type { ReadManifests } from '../objects/manifests.ts';
import type { KubernetesObject } from '../objects/object.ts';
import { parseSelector, selects } from '../objects/selector.ts';
import type { MirrorsConfig, Rule } from './config.ts';
import { type Clusters, type Listed, openClusters } from './read.ts';
import { mirrorsTerritory } from './territory.ts';

/** What a rule reads, in one namespace or in files. */
export interface Reading {
  readonly rule: Rule;
  /** Of `mirrors.services`, from 0. */
  readonly index: number;
  /** Not set for files, which may be about any. */
  readonly namespace?: string;
  /** Those that the rule selects. */
  readonly services: Listed;
  /** Of them, where their addresses are asked for. */
  readonly endpoints: Listed;
}

/** What the run knows of the outside. */
export interface Gathered {
  readonly readings: readonly Reading[];
  /** The Services that a destination has, by `placeKey`; only where they are to be verified. */
  readonly there: ReadonlyMap<string, Listed>;
  readonly states: readonly SourceState[];
}

export function placeKey(cluster: string, namespace: string): string {
  return `${cluster}\0${namespace}`;
}

/** Whether a rule writes Services to its destination. */
export function writesServices({ mode }: Pick<Rule, 'mode'>): boolean {
  return mode === 'endpointslice' || mode === 'externalname' || mode === 'cilium';
}

/** Whether a rule has something to render in a cluster of the run. */
export function isInRun({ rule, clusters }: { readonly rule: Rule; readonly clusters: readonly string[] }): boolean {
  const { source, destination, mode } = rule;
  const isExported = (mode === 'mcs' || mode === 'linkerd') && 'cluster' in source && clusters.includes(source.cluster);
  return isExported || clusters.includes(destination.cluster);
}

/** Reads everything that the rules of the run ask for. */
export async function gather(input: OpenInput<MirrorsConfig>): Promise<Gathered> {
  const { config, clusters: names, world } = input;
  const rules = config.services
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => isInRun({ rule, clusters: names }));
  const clusters = openClusters(world);
  const there = new Map<string, Listed>();
  let readings: readonly Reading[] = [];
  let states: readonly SourceState[] = [];
  try {
    const inFiles = await readInFiles(input, rules);
    const live = rules.flatMap(({ rule, index }) => {
      const { source } = rule;
      return 'cluster' in source
        ? source.namespaces.map((namespace) => readLive(clusters, { rule, index }, source.cluster, namespace))
        : [];
    });
    readings = [...inFiles, ...(await Promise.all(live))];
    const places = new Map(readings.flatMap(placesOf).map((it) => [placeKey(it.cluster, it.namespace), it]));
    const listed = [...places].map(async ([key, { cluster, namespace }]) => {
      there.set(key, await clusters.services(cluster, namespace));
    });
    await Promise.all(listed);
  } finally {
    states = await clusters.close();
  }
  return { readings, there, states };
}

/** Where Services of others may be. */
function placesOf({ rule, services }: Reading): readonly { readonly cluster: string; readonly namespace: string }[] {
  const { cluster, namespace, verify } = rule.destination;
  if (!verify || !writesServices(rule) || services.kind !== 'value') return [];
  return services.value.map(({ ref }) => ({ cluster, namespace: namespace ?? ref.namespace }));
}

interface Numbered {
  readonly rule: Rule;
  readonly index: number;
}

async function readLive(
  clusters: Clusters,
  { rule, index }: Numbered,
  cluster: string,
  namespace: string,
): Promise<Reading> {
  const selector = parseSelector(rule.selector);
  const listed = await clusters.services(cluster, namespace, selector);
  const services: Listed = listed.kind === 'value' ? { kind: 'value', value: select(listed.value, rule) } : listed;
  const names =
    services.kind === 'value' && rule.mode === 'endpointslice' ? services.value.map(({ ref }) => ref.name) : [];
  const endpoints = await clusters.endpoints(cluster, namespace, names);
  return { rule, index, namespace, services, endpoints };
}

/** What a server gives that was not asked for does not count. */
function select(objects: readonly KubernetesObject[], rule: Rule): readonly KubernetesObject[] {
  const selector = parseSelector(rule.selector);
  return objects.filter(({ ref, labels }) => ref.kind === 'Service' && ref.group === '' && selects(selector, labels));
}

async function readInFiles(input: OpenInput<MirrorsConfig>, rules: readonly Numbered[]): Promise<readonly Reading[]> {
  const inFiles = rules.flatMap(({ rule, index }) =>
    'files' in rule.source ? [{ rule, index, files: rule.source.files }] : [],
  );
  if (inFiles.length === 0) return [];
  const lists = new Map(inFiles.map(({ index, files }) => [String(index), files]));
  const { paths, read, unmatched } = await readManifestFiles(input, lists, mirrorsTerritory(input).roots);
  return inFiles.map(({ rule, index }): Reading => {
    const [glob] = unmatched.get(String(index)) ?? [];
    const listed =
      glob === undefined
        ? objectsOf((paths.get(String(index)) ?? []).map((path) => [path, read.get(path)]))
        : unreadable(`no file matches ${glob}`, 'correct mirrors.services[].source.files, or add the files');
    const services: Listed = listed.kind === 'value' ? { kind: 'value', value: select(listed.value, rule) } : listed;
    const endpoints: Listed =
      listed.kind === 'value'
        ? { kind: 'value', value: listed.value.filter(({ ref }) => ref.kind === 'EndpointSlice') }
        : listed;
    return { rule, index, services, endpoints };
  });
}

/** One file that cannot be read may have any Service. */
function objectsOf(files: readonly (readonly [path: string, read: ReadManifests | undefined])[]): Listed {
  const objects: KubernetesObject[] = [];
  for (const [path, read] of [...files].sort(([a], [b]) => compareText(a, b))) {
    if (read === undefined || 'reason' in read) {
      const reason = read === undefined ? 'it was not read' : read.reason;
      return unreadable(`reading ${path}: ${reason}`, 'correct it, or exclude it in mirrors.services[].source.files');
    }
    objects.push(...read.objects);
  }
  return { kind: 'value', value: objects };
}

function unreadable(message: string, next: string): { readonly kind: 'unknown'; readonly problem: Problem } {
  return { kind: 'unknown', problem: { code: 'MIRROR_SOURCE_UNREADABLE', message, next } };
}
