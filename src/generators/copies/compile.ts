import type { Held, Kept } from '../../core/change.ts';
import { compareText } from '../../model/text.ts';
import { objectName, refKey } from '../objects/object.ts';
import type { CompileInput } from './compile-input.ts';
import { type CompiledSync, compileSync, heldFor, type SyncState } from './compile-sync.ts';
import { findConflicts } from './conflicts.ts';
import { findCycle } from './cycles.ts';
import type { Entry } from './destinations.ts';
import { allows } from './namespaces.ts';
import type { Sources } from './sources.ts';
import { type InvalidSync, type Sync, type SyncProblem, syncKey } from './sync.ts';

/** The copies of one cluster, as their sources want them. */
export interface Compiled {
  readonly cluster: string;
  /** By `objectName` of the copies, sorted. */
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  /** By `syncKey`, sorted. */
  readonly syncs: ReadonlyMap<string, { readonly sync: Sync | InvalidSync; readonly state: SyncState }>;
  /** Copies that stay as they are, as two things ask for them or they cannot be there: by `blockKey`. */
  readonly blocked: ReadonlyMap<string, SyncProblem>;
  /** `syncKey` of those in namespaces that are not watched. */
  readonly unwatched: ReadonlySet<string>;
  readonly held: readonly Held<never>[];
  /** Syncs whose sources could not be read, and of whose copies none is known. */
  readonly kept: readonly Kept[];
  readonly skipped: readonly Skipped[];
  /** Not every ObjectSync is known: none can be said to be gone. */
  readonly incomplete: boolean;
}

/** Something that is left out on purpose. */
export interface Skipped {
  readonly cluster: string;
  /** `syncKey`; not set for what is of none. */
  readonly sync?: string;
  readonly reason: string;
}

export function blockKey(object: string, namespace: string): string {
  return `${object}\0${namespace}`;
}

/** Decides the copies of one cluster. Pure, and the same for any order of its input. */
export function compileCopies(input: CompileInput): Compiled {
  const { cluster, config, unreadable } = input;
  const skipped: Skipped[] = [];
  const states = new Map<string, { readonly sync: Sync | InvalidSync; readonly state: SyncState }>();
  const entries: Entry[] = [];
  const blocked = new Map<string, SyncProblem>();
  const unwatched = new Set<string>();
  const held: Held<never>[] = unreadable.map(({ file, reason }) => ({
    cluster,
    code: 'COPY_SYNC_INVALID',
    message: `reading ${file}: ${reason}`,
    next: 'correct it, or exclude it in copies.syncs; until then no ObjectSync counts as removed',
    changes: [],
  }));
  const hold = (sync: Pick<Sync, 'namespace' | 'name' | 'file'>, { code, message, next }: SyncProblem) =>
    held.push({
      cluster,
      code,
      message: `ObjectSync ${syncKey(sync)} (${sync.file}): ${message}`,
      next,
      changes: [],
    });

  const kept: Kept[] = [];
  const cyclic = findCycles(input);
  for (const [key, [sync, ...twins]] of bySyncKey(input.syncs)) {
    if (sync === undefined) continue;
    const skip = (reason: string) => skipped.push({ cluster, sync: key, reason });
    if (!allows(config.watchNamespaces, sync.namespace)) {
      skip(`${sync.namespace} is not in copies.watchNamespaces`);
      unwatched.add(key);
      continue;
    }
    const found = twins.length > 0 ? twice([sync, ...twins]) : (cyclic.get(key) ?? compileSync(sync, input, skip));
    states.set(key, { sync, state: stateOf(found) });
    if (found.kind === 'held') hold(sync, found.problem);
    if (found.kind === 'held' || found.kind === 'kept') continue;
    if (found.kind === 'unknown' && found.entries.length === 0)
      kept.push({ cluster, name: `ObjectSync ${key}`, problem: found.problem });
    entries.push(...found.entries);
    for (const { object, namespace, problem } of found.blocked) blocked.set(blockKey(object, namespace), problem);
    const [first] = found.blocked;
    if (first !== undefined) hold(sync, andMore(first.problem, found.blocked.length));
  }
  const byObject = Map.groupBy(entries, ({ object }) => objectName(object));
  for (const { object, namespaces, sync, problem } of findConflicts(byObject, withLive(input))) {
    for (const namespace of namespaces) blocked.set(blockKey(object, namespace), problem);
    hold(sync, problem);
  }
  return {
    cluster,
    entries: new Map([...byObject].sort(([a], [b]) => compareText(a, b))),
    syncs: states,
    blocked,
    unwatched,
    held: held.sort((a, b) => compareText(a.message, b.message)),
    kept,
    skipped,
    incomplete: unreadable.length > 0,
  };
}

/** The sources of files, and those that were read from the cluster: no copy may take the place of either. */
function withLive({ sources, live }: CompileInput): Pick<Sources, 'at'> {
  const objects = [...live.values()].flatMap((read) => (read.kind === 'value' ? read.value : []));
  const inLive = Map.groupBy(objects, ({ ref }) => refKey(ref));
  return { at: (ref) => [...sources.at(ref), ...(inLive.get(refKey(ref)) ?? [])] };
}

function bySyncKey(syncs: CompileInput['syncs']): readonly [string, readonly (Sync | InvalidSync)[]][] {
  const sorted = [...syncs].sort((a, b) => compareText(a.file, b.file));
  return [...Map.groupBy(sorted, syncKey)].sort(([a], [b]) => compareText(a, b));
}

function twice(syncs: readonly Pick<Sync, 'file'>[]): { readonly kind: 'held'; readonly problem: SyncProblem } {
  const files = [...new Set(syncs.map(({ file }) => file))].join(' and ');
  return heldFor({
    code: 'COPY_SYNC_INVALID',
    message: `it is declared more than once, in ${files}`,
    next: 'keep one',
  });
}

function andMore(problem: SyncProblem, amount: number): SyncProblem {
  return amount === 1 ? problem : { ...problem, message: `${problem.message}, and ${amount - 1} more` };
}

function stateOf(found: CompiledSync): SyncState {
  switch (found.kind) {
    case 'compiled':
      return { kind: 'ready', sources: found.sources };
    case 'unknown':
      return { kind: 'unknown', problem: found.problem };
    default:
      return found;
  }
}

/** Syncs that copy in a circle, by `syncKey`. */
function findCycles(input: CompileInput): ReadonlyMap<string, Extract<SyncState, { kind: 'held' }>> {
  const valid = input.syncs.filter((it): it is Sync => !('reason' in it));
  return new Map(
    findCycle(valid, input.namespaces, input.config).map(({ sync, path }) => {
      const message = `the copies form a cycle: ${path}`;
      return [syncKey(sync), heldFor({ code: 'COPY_CYCLE', message, next: 'copy from one of them only' })];
    }),
  );
}
