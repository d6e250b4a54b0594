import type { Held, Kept } from '../../core/change.ts';
import { label } from '../../model/label.ts';
import { compareText } from '../../model/text.ts';
import { type KubernetesObject, refText } from '../objects/object.ts';
import { type Claim, type Entry, resolveClaims } from './claims.ts';
import type { CompileInput, Skipped } from './compile-input.ts';
import { type Rule, sourceName } from './config.ts';
import { decideService, isMirror, type MirrorProblem, unitsOf } from './decide.ts';
import { serviceNameKey } from './endpoints.ts';
import { placeKey, type Reading } from './gather.ts';
import type { Listed } from './read.ts';

/** The mirrored Services of a run, as their sources want them. */
export interface Compiled {
  /** By `unitKey`, sorted. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Units that stay as they are, by `unitKey`: what is held or left out says why. */
  readonly blocked: ReadonlySet<string>;
  /** Namespaces that are rendered too, by `placeKey`. */
  readonly created: ReadonlySet<string>;
  /** Whether some of a source is not known, which a cluster has from it: nothing of that is removed. */
  isUnread(cluster: string, source: string, from: string): boolean;
  /** The same of any source. */
  hasUnread(cluster: string): boolean;
  /** Whether a rule reads a source for a cluster. */
  isRead(cluster: string, source: string, from: string): boolean;
  readonly held: readonly Held<never>[];
  readonly kept: readonly Kept[];
  readonly skipped: readonly Skipped[];
}

/** Decides the Services of every cluster. Pure, and the same for any order of its input. */
export function compileMirrors(input: CompileInput): Compiled {
  const { clusters, readings } = input;
  const held: Held<never>[] = [];
  const kept: Kept[] = [];
  const skipped: Skipped[] = [];
  const claims: Claim[] = [];
  const unread = new Set<string>();
  const read = new Set<string>();
  const created = new Set<string>();
  for (const reading of readings) {
    const { rule, index, namespace, services } = reading;
    const source = sourceName(rule);
    const targets = targetsOf(rule).filter((cluster) => clusters.has(cluster));
    for (const cluster of targets) read.add(sourceKey(cluster, source, namespace));
    for (const it of createdBy(reading)) if (clusters.has(rule.destination.cluster)) created.add(it);
    if (services.kind === 'unknown') {
      const name = `Services of ${namespace === undefined ? source : `${source}/${namespace}`}`;
      for (const cluster of targets) {
        unread.add(sourceKey(cluster, source, namespace));
        kept.push({ cluster, name, problem: services.problem });
      }
      continue;
    }
    const endpointsOf = byService(reading.endpoints);
    for (const object of services.value) {
      const { ref } = object;
      const from = `${ref.namespace}/${ref.name}`;
      const named = `mirrors.services[${index}]: Service ${from} of ${source}`;
      if (isMirror(object)) {
        for (const cluster of targets) skipped.push({ cluster, reason: `${named} is a mirror itself` });
      } else if (!label.test(ref.name) || !label.test(ref.namespace)) {
        const problem = nameless(`${named}: ${refText(ref)}`);
        for (const cluster of targets) held.push({ cluster, ...problem, changes: [] });
      } else {
        const decided = decideService(object, rule, endpointsOf(ref.namespace, ref.name));
        for (const unit of unitsOf(rule, ref)) {
          if (clusters.has(unit.cluster)) claims.push({ unit, rule, index, source, from, named, decided });
        }
      }
    }
  }
  const resolved = resolveClaims(claims, input);
  const isAny = (keys: ReadonlySet<string>, cluster: string, source: string, from: string) =>
    keys.has(sourceKey(cluster, source, from.split('/')[0])) || keys.has(sourceKey(cluster, source, undefined));
  return {
    entries: new Map([...resolved.entries].sort(([a], [b]) => compareText(a, b))),
    blocked: resolved.blocked,
    created: new Set([...created, ...resolved.created].sort(compareText)),
    isUnread: (cluster, source, from) => isAny(unread, cluster, source, from),
    hasUnread: (cluster) => [...unread].some((key) => key.startsWith(`${cluster}\0`)),
    isRead: (cluster, source, from) => isAny(read, cluster, source, from),
    held: [...held, ...resolved.held].sort((a, b) => compareText(a.message, b.message)),
    kept: kept.sort((a, b) => compareText(`${a.cluster} ${a.name}`, `${b.cluster} ${b.name}`)),
    skipped: [...skipped, ...resolved.skipped].sort((a, b) =>
      compareText(`${a.cluster} ${a.reason}`, `${b.cluster} ${b.reason}`),
    ),
  };
}

/** Clusters that a rule renders something for. */
function targetsOf({ source, destination, mode }: Rule): readonly string[] {
  const own = 'cluster' in source ? [source.cluster] : [];
  if (mode === 'linkerd') return own;
  return mode === 'mcs' ? [destination.cluster, ...own] : [destination.cluster];
}

/** Namespaces that a rule names and has created; of files, those that Services are in are added with these. */
function createdBy({ rule, namespace: read }: Reading): readonly string[] {
  const { createNamespace, destination, mode } = rule;
  const namespace = destination.namespace ?? read;
  if (!createNamespace || namespace === undefined || mode === 'linkerd') return [];
  return [placeKey(destination.cluster, namespace)];
}

/** @param namespace undefined: any */
function sourceKey(cluster: string, source: string, namespace: string | undefined): string {
  return `${cluster}\0${source}\0${namespace ?? '*'}`;
}

function nameless(what: string): MirrorProblem {
  const message = `${what} has a name that no Service has`;
  return { code: 'MIRROR_SOURCE_INVALID', message, next: 'correct it' };
}

/** The slices or Endpoints of each Service, found at once. */
function byService(listed: Listed): (namespace: string, name: string) => Listed {
  if (listed.kind === 'unknown') return () => listed;
  const keyOf = ({ ref, labels }: KubernetesObject) =>
    `${ref.namespace}/${ref.kind === 'Endpoints' ? ref.name : (labels[serviceNameKey] ?? '')}`;
  const byKey = Map.groupBy(listed.value, keyOf);
  return (namespace, name) => ({ kind: 'value', value: byKey.get(`${namespace}/${name}`) ?? [] });
}
