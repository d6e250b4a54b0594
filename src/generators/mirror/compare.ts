import type { Decision, Desired, Differing } from '../../core/decision.ts';
import { unitKey } from '../../core/unit.ts';
import { decideFilesOnly, decideWhole, leaveWhole, noChanges } from '../../core/whole.ts';
import type { Problem } from '../../model/error.ts';
import type { Namespaces } from '../objects/namespaces.ts';
import type { MirrorChange, MirrorReason } from './change.ts';
import type { Entry } from './claims.ts';
import type { Compiled } from './compile.ts';
import type { MirrorState } from './desired.ts';
import { type Held, parseMirror } from './parse.ts';
import { isSlice, type State, stateIn, textsOf } from './state.ts';

/** What decides beside the files of a unit. */
export interface CompareInput {
  readonly compiled: Compiled;
  /** Of the clusters of the run. */
  readonly clusters: ReadonlyMap<string, Namespaces>;
  /** Whether a marker stays that no rule asks for: without it, its folder would be empty. */
  readonly keepsMarkers: boolean;
}

type Unit = Differing<Held, MirrorState>;

/** Decides one Service: it comes, goes or changes as a whole, with its slices. */
export function compareMirror(differing: Unit, input: CompareInput): Decision<MirrorChange> {
  const { unit, desired, current, same } = differing;
  const entry = desired?.state ?? undefined;
  const before = stateIn(textsOf(differing));
  if (desired !== undefined && entry !== undefined) return decideDesired(differing, desired, entry, before, input);
  if (before === undefined) {
    const isOther = current.length + same.size > 0 && desired === undefined;
    return isOther && otherStays(differing, input) ? stay(differing) : decideFilesOnly(differing);
  }
  const { clusters, compiled } = input;
  const source = before.source ?? unit.cluster;
  const stays = compiled.blocked.has(unitKey(unit)) || compiled.isUnread(unit.cluster, source, before.from);
  if (clusters.has(unit.cluster) && stays) return stay(differing);
  if (before.is === undefined) return decideLeftover(differing, before, source);
  return decideWhole(differing, {
    object: unit.name ?? '',
    source,
    from: before.from,
    ...(before.is === undefined ? {} : { is: before.is }),
    ...(before.slices === 0 ? {} : { addresses: { added: 0, removed: before.addresses.size, total: 0 } }),
    reason: whyItGoes(unit, source, before.from, input),
  });
}

function decideDesired(
  differing: Unit,
  { files }: Desired<MirrorState>,
  entry: Entry,
  before: State | undefined,
  { compiled }: CompareInput,
): Decision<MirrorChange> {
  const { unit } = differing;
  const { unread, unverified, keepsSlices, source, from } = entry;
  if (unread !== undefined) return stay(differing, unread);
  const isNew = before?.is === undefined;
  if (isNew && unverified !== undefined) return stay(differing, unverified);
  const was = before === undefined ? undefined : { source: before.source ?? unit.cluster, from: before.from };
  const isOther = was !== undefined && (was.source !== source || was.from !== from);
  if (isOther && compiled.isUnread(unit.cluster, was.source, was.from)) {
    const message = `${from} of ${source} would replace ${was.from} of ${was.source}, which may still be there`;
    const next = 'wait until that source can be read, or remove its rule';
    return { ...stay(differing), held: { ...unit, code: 'MIRROR_CONFLICT', message, next, changes: [] } };
  }
  const texts = files.flatMap(({ rendered }) => (rendered === undefined ? [] : [rendered.text]));
  const after = stateIn(texts.map((text) => parseMirror(Buffer.from(text))));
  const change = changeOf(entry, before, after, keepsSlices);
  if (isNew) return decideNew(differing, change, keepsSlices);
  if (!keepsSlices) return decideWhole(differing, change);
  // Slices are the only files besides the one that is desired.
  const current = differing.current.filter(({ parsed }) => !isSlice(parsed));
  const isSame = current.length === 0 && differing.same.size === files.length;
  return isSame ? stay(differing) : decideWhole({ ...differing, current }, change);
}

/** A Service that comes, whatever is left of an earlier one of that name. */
function decideNew(differing: Unit, change: MirrorChange, keepsSlices: boolean): Decision<MirrorChange> {
  const added = decideWhole({ ...differing, current: [], same: new Set() }, change);
  const left = keepsSlices ? [] : differing.current.map(({ file }) => [file.path, undefined] as const);
  return {
    ...added,
    settle(held) {
      const settled = added.settle(held);
      if (settled.kind !== 'changed' || settled.changes.length === 0) return settled;
      return { ...settled, files: new Map([...left, ...settled.files]) };
    },
  };
}

/** Slices whose Service is gone already: no limit holds them, or it would hold what was approved with the Service. */
function decideLeftover(differing: Unit, { addresses, from }: State, source: string): Decision<MirrorChange> {
  const { unit } = differing;
  const detail: MirrorChange = {
    object: unit.name ?? '',
    source,
    from,
    addresses: { added: 0, removed: addresses.size, total: 0 },
    reason: 'changed',
  };
  const change = { ...unit, id: unitKey(unit), effect: 'modify', proven: false, weight: 0, detail } as const;
  const files = new Map(differing.current.map(({ file }) => [file.path, undefined] as const));
  const settled = { kind: 'changed', changes: [change], files, weight: 0 } as const;
  return { unit, ...noChanges, weight: 0, kept: [], settle: () => settled };
}

function changeOf(
  entry: Entry,
  before: State | undefined,
  after: State | undefined,
  keepsSlices: boolean,
): MirrorChange {
  const { unit, source, from } = entry;
  const head = { object: unit.name, source, from, ...(after?.is === undefined ? {} : { is: after.is }) };
  const known = before?.addresses ?? new Set<string>();
  const next = keepsSlices ? known : (after?.addresses ?? new Set<string>());
  const hasSlices = (before?.slices ?? 0) + (after?.slices ?? 0) > 0;
  const addresses = {
    added: [...next].filter((it) => !known.has(it)).length,
    removed: [...known].filter((it) => !next.has(it)).length,
    total: next.size,
  };
  const counted = hasSlices ? { addresses } : {};
  if (before?.is === undefined) return { ...head, ...counted, reason: 'selected' };
  // Without an address, nobody knows on which ports.
  const isPortsChanged = !keepsSlices && known.size > 0 && next.size > 0 && before.ports !== after?.ports;
  return {
    ...head,
    ...(before.is === after?.is ? {} : { was: before.is }),
    ...(isPortsChanged ? { targets: { before: before.ports, after: after?.ports ?? '' } } : {}),
    ...counted,
    reason: 'changed',
  };
}

function whyItGoes(
  { cluster, namespace = '' }: Unit['unit'],
  source: string,
  from: string,
  { clusters, compiled }: CompareInput,
): MirrorReason {
  const namespaces = clusters.get(cluster);
  if (namespaces === undefined) return 'cluster-removed';
  if (!compiled.isRead(cluster, source, from)) return 'rule-removed';
  return namespaces.state(namespace) === 'terminating' ? 'namespace-deleted' : 'not-selected';
}

/** A marker or a namespace that no rule asks for any more. */
function otherStays({ unit }: Unit, { clusters, compiled, keepsMarkers }: CompareInput): boolean {
  if (!clusters.has(unit.cluster)) return false;
  return unit.namespace === undefined ? keepsMarkers : compiled.hasUnread(unit.cluster);
}

/** Everything stays as it is. @param problem why, where that is not told elsewhere */
function stay(differing: Unit, problem?: Problem): Decision<MirrorChange> {
  const { namespace, name } = differing.unit;
  // A namespace or a marker is no Service.
  return leaveWhole(differing, problem, namespace !== undefined && name !== undefined ? 1 : 0);
}
