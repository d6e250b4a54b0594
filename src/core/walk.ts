import { compareText } from '../model/text.ts';
import type { TreeFile } from '../model/tree.ts';
import type { Held, Notes } from './change.ts';
import { openPathClaims, type PathClaims } from './claims.ts';
import { byCluster, type ClusterDecisions } from './clusters.ts';
import { holdFile, readCurrent, unitIn } from './current.ts';
import type { CurrentFile, Decision, Desired, Pending, Recalled } from './decision.ts';
import type { Generator, Opened } from './generator.ts';
import { addNotes } from './notes.ts';
import { placeFiles } from './place.ts';
import { openReleased } from './released.ts';
import type { Territory } from './territory.ts';
import { type BlobIds, filesThere, indexTree, isFree, type TreeIndex } from './tree-index.ts';
import { compareUnits, numberUnits, type UnitId, unitKey } from './unit.ts';

/** A tree beside what is desired. */
export interface Walked<D = unknown, S = unknown> {
  /** Configured clusters in their order, then those that are only found in the tree. */
  readonly clusters: readonly ClusterDecisions<D>[];
  /** Files of an owned folder that belong to no unit we know of, and units that share a path. */
  readonly held: readonly Held<D>[];
  /** The files that were read: those that differ, or that no unit wants. */
  readonly current: readonly CurrentFile<S>[];
  readonly notes: Notes;
  /** The earliest of the units' `expires`. */
  readonly expires?: number;
  readonly index: TreeIndex;
  readonly claims: Pick<PathClaims, 'paths'>;
}

export interface WalkInput<S, U, D> {
  readonly opened: Pick<Opened<S, U, D>, 'isDesired' | 'compare'>;
  readonly parse: Generator<unknown, S, U, D>['parse'];
  readonly territory: Territory;
  /** Everything in the owned folders, and what is above them. */
  readonly files: Iterable<TreeFile>;
  readonly ids: BlobIds;
  /** Configured, in the config's order. */
  readonly clusters: readonly string[];
  /** Clusters whose inventory is not complete: nothing of theirs is orphaned. */
  readonly incomplete: ReadonlySet<string>;
}

/** A walk that is under way: first every unit, then what has to be read. */
export interface Walk<S, U, D> {
  /** Takes a desired unit beside the tree, and lets go of it where its files equal it: only what differs is kept. */
  take(desired: Desired<U>): void;
  /** As `take`, of a unit that is recalled. @returns false where it differs from the tree: take it in full */
  recall(recalled: Recalled): boolean;
  /**
   * After the last unit: the files to read, which differ from what a unit wants there, or which no unit wants. Ask again after
   * `retake`: the unit may differ now. Files that were read are left out.
   */
  needed(): readonly TreeFile[];
  /**
   * @param files from `needed`
   * @param contents by path; what cannot be read is left out
   * @returns units that were let go of and have another file: retake them
   */
  read(files: readonly TreeFile[], contents: ReadonlyMap<string, Uint8Array>): readonly UnitId[];
  /** Replaces what is known of a unit: one that `read` gave, or that is known better now. */
  retake(desired: Desired<U>): void;
  /** Units that rely on one of these, those that were let go of too. */
  relyingOn(names: ReadonlySet<string>): readonly UnitId[];
  /** Decides every unit that differs. */
  finish(): Walked<D, S>;
}

/** Begins a walk. Pure: whoever has the units and the contents hands them in. */
export function openWalk<S, U, D>(input: WalkInput<S, U, D>): Walk<S, U, D> {
  const { opened, ids, incomplete } = input;
  const index = indexTree(input.files);
  const numbers = numberUnits();
  const claims = openPathClaims(input.territory.advice.collision, numbers);
  const pending = new Map<string, Pending<U>>();
  const released = openReleased(numbers);
  const units = new Map<string, number>();
  const notes: Record<string, UnitId[]> = {};
  /** Notes of retaken units, which replace their first ones. */
  const later = new Map<string, Notes>();
  let expires = Number.POSITIVE_INFINITY;
  const relying: Pick<Desired, 'unit' | 'unconfirmed'>[] = [];
  /** What was read, by path; undefined for what is none of ours. */
  const known = new Map<string, CurrentFile<S> | undefined>();
  const isOpen = (path: string) => isNeeded(path, input.territory, claims, pending);
  const needed = () => index.where((path) => !known.has(path) && isOpen(path));

  return {
    take(desired) {
      const { unit } = desired;
      count(desired);
      const same = filesThere(desired, index, ids);
      if (same.size === desired.files.length && isFree(desired, index)) released.add(unit, desired.weight);
      else pending.set(unitKey(unit), { unit, desired, same });
    },
    recall(recalled) {
      const there = recalled.files.every(({ path, oids }) => index.holds(path, oids));
      if (!there || !isFree(recalled, index)) return false;
      count(recalled);
      released.add(recalled.unit, recalled.weight);
      return true;
    },
    needed,
    read(files, contents) {
      const again = new Map<string, UnitId>();
      for (const treeFile of files) {
        const { path } = treeFile;
        const file = readCurrent(treeFile, contents.get(path), claims.at(path) !== undefined, input);
        known.set(path, file);
        if (file === undefined) continue;
        const unit = claims.at(path) ?? unitIn(file);
        if (unit === undefined || pending.has(unitKey(unit))) continue;
        if (opened.isDesired(unit)) again.set(unitKey(unit), unit);
        else pending.set(unitKey(unit), { unit, same: new Set() });
      }
      return [...again.values()];
    },
    retake(desired) {
      const { unit } = desired;
      // What it is known to be later is not what the tree has.
      released.remove(unit);
      pending.set(unitKey(unit), { unit, desired, same: filesThere(desired, index, ids) });
      later.set(unitKey(unit), desired.notes ?? {});
    },
    relyingOn: (names) =>
      relying.flatMap(({ unit, unconfirmed }) => (unconfirmed?.some((it) => names.has(it)) ? [unit] : [])),
    finish() {
      const found = [...known.values()].filter((it) => it !== undefined).filter(({ file }) => isOpen(file.path));
      const placed = placeFiles(pending, found, index, claims, input.territory);
      const held: Held<D>[] = [...placed.held];
      const weights = released.weights();
      const shared = claims.shared();
      const decided: Decision<D>[] = [];
      for (const [key, it] of [...pending].sort(([, a], [, b]) => compareUnits(a.unit, b.unit))) {
        const current = placed.filesOf(key);
        const decision = decide(opened, it, current);
        if (decision === undefined) add(weights, it.unit, it.desired?.weight ?? 0);
        else if (it.desired === undefined && incomplete.has(it.unit.cluster)) add(weights, it.unit, decision.weight);
        else
          decided.push({
            ...decision,
            ...holding(shared.get(key) ?? firstHeld(it, current, input.territory)),
          });
      }
      const told = new Set(decided.map(({ unit }) => unitKey(unit)));
      for (const [key, it] of shared) if (!told.has(key)) held.push(it);
      held.sort((a, b) => compareText(a.message, b.message));
      const clusters = byCluster(input.clusters, decided, weights, units);
      const next = Number.isFinite(expires) ? { expires } : {};
      return { clusters, held, current: found, notes: notesNow(), ...next, index, claims };
    },
  };

  function count(wanted: Desired | Recalled): void {
    const { unit, unconfirmed } = wanted;
    if (unconfirmed !== undefined) relying.push({ unit, unconfirmed });
    if (!('uncounted' in wanted)) units.set(unit.cluster, (units.get(unit.cluster) ?? 0) + 1);
    addNotes(notes, wanted.notes);
    expires = Math.min(expires, wanted.expires ?? expires);
    claims.add(wanted);
  }

  function notesNow(): Notes {
    if (later.size === 0) return notes;
    const now = Object.fromEntries(
      Object.entries(notes).map(([name, list]) => [name, list.filter((it) => !later.has(unitKey(it)))]),
    );
    for (const more of later.values()) addNotes(now, more);
    return now;
  }
}

/** @returns undefined for a unit that is as desired after all */
function decide<S, U, D>(
  { compare }: Pick<Opened<S, U, D>, 'compare'>,
  { unit, desired, same }: Pending<U>,
  current: readonly CurrentFile<S>[],
): Decision<D> | undefined {
  if (desired !== undefined && same.size === desired.files.length && current.length === 0) return undefined;
  return compare({ unit, ...(desired === undefined ? {} : { desired }), current, same });
}

function holding<D>(held: Held<D> | undefined): { readonly held?: Held<D> } {
  return held === undefined ? {} : { held };
}

/** Whether a file differs from what a unit wants there, or is wanted by none. */
function isNeeded(
  path: string,
  territory: Territory,
  claims: PathClaims,
  pending: ReadonlyMap<string, Pending>,
): boolean {
  const claimed = claims.keyAt(path);
  if (claimed === undefined) return territory.clusterOf(path) !== undefined;
  const differing = pending.get(claimed);
  return differing !== undefined && !differing.same.has(path);
}

function firstHeld(
  { unit, desired }: Pending,
  current: readonly CurrentFile[],
  territory: Territory,
): Held<never> | undefined {
  for (const file of current) {
    if (desired?.adopts && isAdoptable(file, desired, territory)) continue;
    const held = holdFile(unit, file, territory);
    if (held !== undefined) return held;
  }
  return undefined;
}

/** A file of others at the very path that holds exactly the unit, and that the config does not leave to them. */
function isAdoptable({ file, cluster, parsed }: CurrentFile, { unit, files }: Desired, { keeps }: Territory): boolean {
  if (parsed.kind !== 'foreign' || parsed.unit === undefined || file.mode !== '100644' || keeps(file.path))
    return false;
  return unitKey({ cluster, ...parsed.unit }) === unitKey(unit) && files.some(({ path }) => path === file.path);
}

function add(sums: Map<string, number>, { cluster }: UnitId, weight: number): void {
  sums.set(cluster, (sums.get(cluster) ?? 0) + weight);
}
