import type { Held } from '../../core/change.ts';
import { unitKey } from '../../core/unit.ts';
import type { Walked } from '../../core/walk.ts';
import { compareText, count } from '../../model/text.ts';
import { groupOf, objectName } from '../objects/object.ts';
import type { CopyChange } from './change.ts';
import { blockKey, type Compiled } from './compile.ts';
import type { SyncState } from './compile-sync.ts';
import type { Entry } from './destinations.ts';
import type { CopyState } from './parse.ts';
import { syncKey } from './sync.ts';

/** Whether something holds, as a condition of a Kubernetes object says it. */
export interface Condition {
  readonly type: 'Ready' | 'InSync';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: 'Success' | 'Failure';
  readonly message: string;
}

/** One copy, in the shape of a destination in the status of an ObjectSync; digests stand for versions, which git does not have. */
export interface DestinationStatus {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly strategy?: 'apply' | 'replace';
  readonly sourceVersion?: { readonly hash: string };
  /** Not set where git has no such copy. */
  readonly syncedVersion?: { readonly hash: string };
  /** Why this copy is held, where it is. */
  readonly held?: string;
}

/** What became of one ObjectSync in one cluster. */
export interface SyncStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: { readonly conditions: readonly Condition[]; readonly destinations: readonly DestinationStatus[] };
}

/**
 * The status of every ObjectSync of a cluster, sorted by namespace and name.
 *
 * @param walked the copies beside those of git
 */
export function statusOf(compiled: Compiled, walked: Walked<CopyChange, CopyState>): readonly SyncStatus[] {
  const { cluster } = compiled;
  const differing = new Set(walked.clusters.flatMap(({ decisions }) => decisions.map(({ unit }) => unitKey(unit))));
  const hashes = new Map(
    walked.current.flatMap(({ parsed, cluster: at }): readonly [string, string][] =>
      parsed.kind === 'rendered' && parsed.state !== 'marker'
        ? [[unitKey({ cluster: at, ...parsed.unit }), parsed.state.hash]]
        : [],
    ),
  );
  const holding = new Map(
    walked.clusters.flatMap(({ decisions }) =>
      decisions.flatMap(({ unit, held }) => (held === undefined ? [] : [[unitKey(unit), held] as const])),
    ),
  );
  const bySync = Map.groupBy([...compiled.entries.values()].flat(), ({ sync }) => syncKey(sync));
  return [...compiled.syncs].map(([key, { sync, state }]): SyncStatus => {
    const entries = bySync.get(key) ?? [];
    const all = entries
      .flatMap((entry) =>
        destinationsOf(entry, compiled, holding, (unit, isBlocked) =>
          isBlocked || differing.has(unit) ? hashes.get(unit) : entry.text?.hash,
        ),
      )
      .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
    // Two destinations may ask for one copy.
    const destinations = [
      ...new Map(all.map((it) => [`${it.group}\0${it.kind}\0${it.namespace}\0${it.name}`, it])).values(),
    ];
    const inSync = destinations.filter(
      ({ sourceVersion: to, syncedVersion: is, held }) =>
        held === undefined && is !== undefined && is.hash === to?.hash,
    );
    const [blocked] = destinations.flatMap(({ namespace, name, held }) =>
      held === undefined ? [] : [`${namespace}/${name} is held: ${held}`],
    );
    const conditions = [readyOf(state), inSyncOf(state, inSync.length, destinations.length, blocked)];
    return { cluster, namespace: sync.namespace, name: sync.name, status: { conditions, destinations } };
  });
}

function destinationsOf(
  { object, options, namespaces, text }: Entry,
  { cluster, blocked }: Compiled,
  holding: ReadonlyMap<string, Pick<Held, 'message'>>,
  hashOf: (unit: string, isBlocked: boolean) => string | undefined,
): readonly DestinationStatus[] {
  const key = objectName(object);
  return [...namespaces].map((namespace) => {
    const why = blocked.get(blockKey(key, namespace)) ?? holding.get(unitKey({ cluster, namespace, name: key }));
    const synced = hashOf(unitKey({ cluster, namespace, name: key }), blocked.has(blockKey(key, namespace)));
    const { strategy } = options;
    return {
      name: object.name,
      namespace,
      group: object.group,
      version: versionOf(text?.apiVersion ?? ''),
      kind: object.kind,
      ...(strategy === undefined ? {} : { strategy }),
      ...(text === undefined ? {} : { sourceVersion: { hash: text.hash } }),
      ...(synced === undefined ? {} : { syncedVersion: { hash: synced } }),
      ...(why === undefined ? {} : { held: why.message }),
    };
  });
}

function versionOf(apiVersion: string): string {
  const group = groupOf(apiVersion);
  return group === '' ? apiVersion : apiVersion.slice(group.length + 1);
}

function readyOf(state: SyncState): Condition {
  switch (state.kind) {
    case 'ready': {
      const found = state.sources === 0 ? 'the source does not exist' : `copies ${count(state.sources, 'source')}`;
      return {
        type: 'Ready',
        status: state.sources === 0 ? 'False' : 'True',
        reason: state.sources === 0 ? 'Failure' : 'Success',
        message: found,
      };
    }
    case 'kept':
      return {
        type: 'Ready',
        status: 'False',
        reason: 'Failure',
        message: 'the source does not exist; its copies are kept',
      };
    case 'held':
      return { type: 'Ready', status: 'False', reason: 'Failure', message: state.problem.message };
    case 'unknown':
      return { type: 'Ready', status: 'Unknown', reason: 'Failure', message: state.problem.message };
  }
}

function inSyncOf(state: SyncState, inSync: number, all: number, blocked: string | undefined): Condition {
  const counted = `${inSync} out of ${all} destinations are in sync`;
  const message = blocked === undefined ? counted : `${counted}; ${blocked}`;
  const isMissing = state.kind === 'ready' && state.sources === 0;
  if (state.kind !== 'ready' || isMissing) return { type: 'InSync', status: 'Unknown', reason: 'Failure', message };
  const status = inSync === all ? 'True' : 'False';
  return { type: 'InSync', status, reason: inSync === all ? 'Success' : 'Failure', message };
}
