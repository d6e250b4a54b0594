import type { CurrentFile, Decision, Desired, Differing } from '../../core/decision.ts';
import { decideFilesOnly, decideWhole, leaveWhole } from '../../core/whole.ts';
import type { Problem } from '../../model/error.ts';
import type { Namespaces } from '../objects/namespaces.ts';
import { objectName } from '../objects/object.ts';
import type { CopyChange, CopyReason } from './change.ts';
import { blockKey, type Compiled } from './compile.ts';
import type { SyncState } from './compile-sync.ts';
import type { Entry } from './destinations.ts';
import { changedKeys } from './keys.ts';
import { allows } from './namespaces.ts';
import { type Copy, type CopyState, parseCopy } from './parse.ts';
import { syncKey } from './sync.ts';

/** What is known of a desired unit besides its files: what asks for the copy; null for the marker. */
export type CopyUnit = Entry | null;

/** The cluster of a unit, as compiled; undefined for one that left the config. */
export interface ClusterCopies {
  readonly compiled: Compiled;
  /** `copies.targetNamespaces`. */
  readonly targets: readonly string[];
  readonly namespaces: Namespaces;
}

/** Decides one copy: it comes, goes or changes as a whole. */
export function compareCopy(
  differing: Differing<CopyState, CopyUnit>,
  cluster: ClusterCopies | undefined,
): Decision<CopyChange> {
  const { desired, current } = differing;
  const before = copyIn(current);
  const entry = desired?.state ?? undefined;
  if (entry === undefined && before === undefined) return decideFilesOnly(differing);
  if (desired !== undefined && entry !== undefined) return decideDesired(differing, desired, entry, before, cluster);
  if (before === undefined) return decideFilesOnly(differing);
  const stays = cluster === undefined ? undefined : whyItStays(differing, before, cluster);
  if (stays !== undefined) return leaveWhole(differing, stays.problem);
  return decideWhole(differing, removal(before, reasonOf(differing, before, cluster)));
}

function decideDesired(
  differing: Differing<CopyState, CopyUnit>,
  desired: Desired<CopyUnit>,
  entry: Entry,
  before: Copy | undefined,
  cluster: ClusterCopies | undefined,
): Decision<CopyChange> {
  const { unit } = differing;
  const key = syncKey(entry.sync);
  const state = cluster?.compiled.syncs.get(key)?.state;
  if (entry.text === undefined) return leaveWhole(differing, state?.kind === 'unknown' ? state.problem : unread);
  if (before !== undefined && before.sync !== key && cluster !== undefined && isOfKept(before, cluster)) {
    const message = `ObjectSync ${key} asks for a copy that is of ObjectSync ${before.sync}, whose copies stay`;
    const next = `correct or remove ObjectSync ${before.sync}`;
    return { ...leaveWhole(differing), held: { ...unit, code: 'COPY_CONFLICT', message, next, changes: [] } };
  }
  return decideWhole(differing, detailOf(entry, desired, before, differing.current));
}

const unread: Problem = { code: 'COPY_SOURCE_UNREADABLE', message: 'its source could not be read' };

function detailOf(
  { object, from, sync }: Entry,
  { files }: Desired<CopyUnit>,
  before: Copy | undefined,
  current: readonly CurrentFile<CopyState>[],
): CopyChange {
  const head = { object: objectName(object), source: from, objectSync: syncKey(sync) };
  if (before === undefined) return { ...head, reason: current.length > 0 ? 'adopted' : 'asked-for' };
  const [file] = files;
  const after = file?.rendered === undefined ? undefined : parseCopy(Buffer.from(file.rendered.text));
  const keys = after?.kind === 'rendered' && after.state !== 'marker' ? changedKeys(before.keys, after.state.keys) : [];
  return { ...head, keys, reason: 'source-changed' };
}

/** Why a copy that is not desired stays; undefined: it is removed. Without a problem, the report has the reason once for all copies. */
function whyItStays(
  { unit }: Pick<Differing<CopyState, CopyUnit>, 'unit'>,
  before: Copy,
  cluster: ClusterCopies,
): { readonly problem?: Problem } | undefined {
  const { compiled } = cluster;
  if (compiled.blocked.has(blockKey(unit.name ?? '', unit.namespace ?? ''))) return {};
  const state = compiled.syncs.get(before.sync)?.state;
  if (state?.kind === 'unknown') return { problem: state.problem };
  return isOfKept(before, cluster) ? {} : undefined;
}

/** Whether the ObjectSync of a copy is one whose copies stay, or may be. */
function isOfKept({ sync }: Copy, { compiled }: ClusterCopies): boolean {
  const state = compiled.syncs.get(sync)?.state;
  return state === undefined ? compiled.incomplete : isKeeping(state);
}

function isKeeping({ kind }: SyncState): boolean {
  switch (kind) {
    case 'held':
    case 'unknown':
    case 'kept':
      return true;
    case 'ready':
      return false;
  }
}

function reasonOf(
  { unit: { namespace = '' } }: Differing<CopyState, CopyUnit>,
  { sync, from }: Copy,
  cluster: ClusterCopies | undefined,
): CopyReason {
  if (cluster === undefined) return 'cluster-removed';
  const { compiled, namespaces } = cluster;
  const at = namespaces.state(namespace);
  if (at === 'terminating') return 'namespace-deleted';
  if (at === 'absent') return 'namespace-removed';
  const state = compiled.syncs.get(sync)?.state;
  if (state === undefined) return compiled.unwatched.has(sync) ? 'not-watched' : 'sync-removed';
  if (!allows(cluster.targets, namespace)) return 'not-allowed';
  const isCopied = [...compiled.entries.values()].some((list) =>
    list.some((entry) => entry.from === from && syncKey(entry.sync) === sync),
  );
  return isCopied ? 'not-asked-for' : 'source-removed';
}

function removal({ kind, group, name, from, sync, adopted }: Copy, reason: CopyReason): CopyChange {
  const change = { object: objectName({ kind, group, name }), source: from, objectSync: sync, reason };
  return adopted ? { ...change, stays: true } : change;
}

function copyIn(current: readonly CurrentFile<CopyState>[]): Copy | undefined {
  for (const { parsed } of current) {
    if (parsed.kind === 'rendered' && parsed.state !== 'marker') return parsed.state;
  }
  return undefined;
}
