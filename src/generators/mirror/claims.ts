import type { Held } from '../../core/change.ts';
import { unitKey } from '../../core/unit.ts';
import type { Problem } from '../../model/error.ts';
import { compareText } from '../../model/text.ts';
import { type KubernetesObject, mapAt } from '../objects/object.ts';
import type { CompileInput, Skipped } from './compile-input.ts';
import type { Rule } from './config.ts';
import type { Decided, MirrorProblem, MirrorUnit } from './decide.ts';
import { placeKey, writesServices } from './gather.ts';
import { mirrorLabels, type Rendered, syncedValue } from './render.ts';

/** What one Service of a source asks for in one cluster. */
export interface Claim {
  readonly unit: MirrorUnit;
  readonly rule: Rule;
  /** Of `mirrors.services`. */
  readonly index: number;
  readonly source: string;
  /** `namespace/name` in the source. */
  readonly from: string;
  /** For messages. */
  readonly named: string;
  readonly decided: Decided;
}

/** One unit that is to be there. */
export interface Entry extends Pick<Claim, 'unit' | 'source' | 'from'> {
  /** None where its endpoints could not be read. */
  readonly files: readonly Rendered[];
  readonly unread?: Problem;
  /** The slices that are there stay. */
  readonly keepsSlices: boolean;
  /** Why it is not known whether others have such a Service in the destination. */
  readonly unverified?: Problem;
}

interface Resolved {
  readonly entries: Map<string, Entry>;
  readonly blocked: Set<string>;
  readonly created: Set<string>;
  readonly held: Held<never>[];
  readonly skipped: Skipped[];
}

/** Of all that is asked for, what can be. */
export function resolveClaims(claims: readonly Claim[], input: Pick<CompileInput, 'clusters' | 'there'>): Resolved {
  const resolved: Resolved = { entries: new Map(), blocked: new Set(), created: new Set(), held: [], skipped: [] };
  const { blocked, held, skipped, entries, created } = resolved;
  const hold = (cluster: string, { code, message, next }: MirrorProblem) =>
    held.push({ cluster, code, message, next, changes: [] });
  const byUnit = Map.groupBy([...claims].sort(compareClaims), ({ unit }) => unitKey(unit));
  const missing = new Map<string, MirrorProblem & { readonly cluster: string }>();
  const leaving = new Map<string, Skipped>();
  for (const [key, [claim, ...others]] of byUnit) {
    if (claim === undefined) continue;
    const { unit, rule, named, decided } = claim;
    const { cluster, namespace } = unit;
    if (others.length > 0) {
      blocked.add(key);
      hold(cluster, conflict([claim, ...others]));
      continue;
    }
    const isCreated = rule.createNamespace && cluster === rule.destination.cluster && rule.mode !== 'linkerd';
    const state = isCreated || !isAtDestination(claim) ? 'active' : input.clusters.get(cluster)?.state(namespace);
    if (state === 'terminating') {
      const place = placeKey(cluster, namespace);
      leaving.set(place, { cluster, reason: `namespace ${namespace} is being deleted` });
      continue;
    }
    if (state !== 'active') {
      blocked.add(key);
      if (state === 'absent') missing.set(placeKey(cluster, namespace), { cluster, ...noNamespace(claim) });
      continue;
    }
    if (isCreated) created.add(placeKey(cluster, namespace));
    switch (decided.kind) {
      case 'held':
        blocked.add(key);
        hold(cluster, { ...decided.problem, message: `${named} ${decided.problem.message}` });
        break;
      case 'skipped':
        blocked.add(key);
        skipped.push({ cluster, reason: `${named} ${decided.reason}` });
        break;
      case 'unread':
        entries.set(key, { ...headOf(claim), files: [], unread: decided.problem, keepsSlices: false });
        break;
      case 'rendered': {
        const found = verify(claim, input);
        if (found.kind === 'foreign') {
          blocked.add(key);
          hold(cluster, foreign(claim));
          break;
        }
        if (decided.note !== undefined && isAtDestination(claim)) {
          skipped.push({ cluster, reason: `${named} ${decided.note}` });
        }
        const unverified = found.kind === 'unknown' ? { unverified: found.problem } : {};
        const { keepsSlices } = decided;
        entries.set(key, { ...headOf(claim), files: decided.files(unit), keepsSlices, ...unverified });
      }
    }
  }
  for (const { cluster, ...problem } of missing.values()) hold(cluster, problem);
  skipped.push(...leaving.values());
  return resolved;
}

function headOf({ unit, source, from }: Claim): Pick<Entry, 'unit' | 'source' | 'from'> {
  return { unit, source, from };
}

function compareClaims(a: Claim, b: Claim): number {
  return a.index - b.index || compareText(a.from, b.from) || compareText(unitKey(a.unit), unitKey(b.unit));
}

/** What goes to the cluster of the source is about an object that is there. */
function isAtDestination({ unit, rule: { mode } }: Claim): boolean {
  return mode !== 'linkerd' && !unit.name.startsWith('serviceexport/');
}

function conflict(claims: readonly Claim[]): MirrorProblem {
  const { unit } = claims[0] as Claim;
  const names = claims.map(({ index, source, from }) => `mirrors.services[${index}] (${from} of ${source})`);
  const message = `${names.join(' and ')} would both be ${unit.name} in ${unit.namespace} of ${unit.cluster}`;
  return { code: 'MIRROR_CONFLICT', message, next: 'change the selector or the destination of one' };
}

function noNamespace({ index, unit: { cluster, namespace } }: Claim): MirrorProblem {
  const message = `mirrors.services[${index}]: namespace ${namespace} is not in the inventory of ${cluster}`;
  return {
    code: 'MIRROR_NAMESPACE_UNKNOWN',
    message,
    next: 'add it to clusters[].namespaces, or set createNamespace',
  };
}

type Verified = { readonly kind: 'free' | 'foreign' } | { readonly kind: 'unknown'; readonly problem: Problem };

/** Whether others have the Service in the destination. */
function verify({ unit, rule }: Claim, { there }: Pick<CompileInput, 'there'>): Verified {
  const listed = writesServices(rule) ? there.get(placeKey(unit.cluster, unit.namespace)) : undefined;
  if (listed === undefined) return { kind: 'free' };
  if (listed.kind === 'unknown') return listed;
  const found = listed.value.find(({ ref }) => `service/${ref.name}` === unit.name);
  return { kind: found === undefined || isOurs(found) ? 'free' : 'foreign' };
}

/** A selector would fill it beside our slices. k8s-svc-sync has the same label: what it made is handed over. */
function isOurs({ labels, body }: KubernetesObject): boolean {
  const hasSelector = Object.keys(mapAt(mapAt(body, 'spec'), 'selector')).length > 0;
  return labels[mirrorLabels.sync] === syncedValue && !hasSelector;
}

function foreign({ named, unit: { cluster, namespace, name } }: Claim): MirrorProblem {
  const message = `${named}: ${cluster} has a Service ${namespace}/${name.replace('service/', '')} of others`;
  return {
    code: 'MIRROR_FOREIGN',
    message,
    next: `rename one; or hand it over: remove its selector and label it ${mirrorLabels.sync}=${syncedValue}`,
  };
}
