import { compareText } from '../model/text.ts';
import type { TreeFile } from '../model/tree.ts';
import type { Held, Notes } from './change.ts';
import { openPathClaims, type PathClaims } from './claims.ts';
import { byCluster, type ClusterDecisions } from './clusters.ts';
import { holdFile, readCurrent, unitIn } from './current.ts';
import type { CurrentFile, Decision, Desired } from './decision.ts';
import type { Generator, Opened } from './generator.ts';
import { addNotes } from './notes.ts';
import { placeFiles } from './place.ts';
import type { Territory } from './territory.ts';
import { type BlobIds, indexTree, isAsDesired, isThere, type TreeIndex } from './tree-index.ts';
import { compareUnits, type UnitId, unitKey } from './unit.ts';

/** A tree beside what is desired. */
export interface Walked<D = unknown, S = unknown> {
  /** Configured clusters in their order, then those that are only found in the tree. */
  readonly clusters: readonly ClusterDecisions<D>[];
  /** Files of an owned folder that belong to no unit we know of, and units that share a path. */
  readonly held: readonly Held<D>[];
  /** The files that were read: those that differ, or that no unit wants. */
  readonly current: readonly CurrentFile<S>[];
  readonly notes: Notes;
  readonly index: TreeIndex;
  readonly claims: Pick<PathClaims, 'paths'>;
}

export interface WalkInput<S, U, D> {
  readonly opened: Pick<Opened<S, U, D>, 'isDesired' | 'compare'>;
  readonly parse: Generator<unknown, S, U, D>['parse'];
  readonly territory: Territory;
  /** Everything in the owned folders, and what is above them. */
  readonly files: readonly TreeFile[];
  readonly ids: BlobIds;
  /** Configured, in the config's order. */
  readonly clusters: readonly string[];
  /** Clusters whose inventory is not complete: nothing of theirs is orphaned. */
  readonly incomplete: ReadonlySet<string>;
}

/** A unit that differs, or may. */
export interface Pending<U = unknown> {
  readonly unit: UnitId;
  /** Not set for a unit that is orphaned. */
  readonly desired?: Desired<U>;
}

/** A walk that is under way: first every unit, then what has to be read. */
export interface Walk<S, U, D> {
  /** Takes a desired unit beside the tree, and lets go of it where its files equal it: only what differs is kept. */
  take(desired: Desired<U>): void;
  /**
   * After the last unit: the files that differ from what a unit wants there, and those that no unit wants. A unit that is taken
   * once more may differ where it did not; what was read already is not among them.
   */
  needed(): readonly TreeFile[];
  /**
   * @param contents of those, by path; what cannot be read is left out
   * @returns units that were let go of and that are in a further file as well: they are needed once more
   */
  read(contents: ReadonlyMap<string, Uint8Array>): readonly UnitId[];
  /** Takes a unit once more: one that is needed again, or of which something else is known now. */
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
  const claims = openPathClaims(input.territory.advice.collision);
  const pending = new Map<string, Pending<U>>();
  const unchanged = new Map<string, number>();
  /** Weights of units that were let go of: what they are known to be later is not what the tree has. */
  const letGo = new Map<string, number>();
  const units = new Map<string, number>();
  const notes: Record<string, UnitId[]> = {};
  /** Of units that were taken once more: those of the first time no longer count. */
  const later = new Map<string, Notes>();
  const relying: Pick<Desired, 'unit' | 'unconfirmed'>[] = [];
  /** What was read, by path; undefined for what is none of ours. */
  const known = new Map<string, CurrentFile<S> | undefined>();
  const isOpen = (file: TreeFile) => isNeeded(file, input, index, claims, pending);
  const needed = () => input.files.filter((file) => !known.has(file.path) && isOpen(file));

  return {
    take(desired) {
      const { unit, unconfirmed } = desired;
      if (unconfirmed !== undefined) relying.push({ unit, unconfirmed });
      units.set(unit.cluster, (units.get(unit.cluster) ?? 0) + 1);
      addNotes(notes, desired.notes);
      claims.add(desired);
      if (isAsDesired(desired, index, ids)) {
        add(unchanged, unit, desired.weight);
        letGo.set(unitKey(unit), desired.weight);
      } else pending.set(unitKey(unit), { unit, desired });
    },
    needed,
    read(contents) {
      const again = new Map<string, UnitId>();
      for (const { path, file } of readAll(contents)) {
        known.set(path, file);
        if (file === undefined) continue;
        const unit = claims.at(file.file.path) ?? unitIn(file);
        if (unit === undefined || pending.has(unitKey(unit))) continue;
        if (opened.isDesired(unit)) again.set(unitKey(unit), unit);
        else pending.set(unitKey(unit), { unit });
      }
      return [...again.values()];
    },
    retake(desired) {
      const { unit } = desired;
      if (!pending.has(unitKey(unit))) add(unchanged, unit, -(letGo.get(unitKey(unit)) ?? 0));
      pending.set(unitKey(unit), { unit, desired });
      later.set(unitKey(unit), desired.notes ?? {});
    },
    relyingOn: (names) =>
      relying.flatMap(({ unit, unconfirmed }) => (unconfirmed?.some((it) => names.has(it)) ? [unit] : [])),
    finish() {
      const found = input.files.flatMap((file) => (isOpen(file) && known.get(file.path)) || []);
      const placed = placeFiles(pending, found, index, claims, input.territory);
      const held: Held<D>[] = [...placed.held];
      const weights = new Map(unchanged);
      const decided: Decision<D>[] = [];
      for (const [key, it] of [...pending].sort(([, a], [, b]) => compareUnits(a.unit, b.unit))) {
        const current = placed.filesOf(key);
        const decision = decide(input, index, it, current);
        if (decision === undefined) add(weights, it.unit, it.desired?.weight ?? 0);
        else if (it.desired === undefined && incomplete.has(it.unit.cluster)) add(weights, it.unit, decision.weight);
        else
          decided.push({
            ...decision,
            ...holding(claims.shared.get(key) ?? firstHeld(it.unit, current, input.territory)),
          });
      }
      const told = new Set(decided.map(({ unit }) => unitKey(unit)));
      for (const [key, it] of claims.shared) if (!told.has(key)) held.push(it);
      held.sort((a, b) => compareText(a.message, b.message));
      const clusters = byCluster(input.clusters, decided, weights, units);
      return { clusters, held, current: found, notes: notesNow(), index, claims };
    },
  };

  function notesNow(): Notes {
    if (later.size === 0) return notes;
    const now = Object.fromEntries(
      Object.entries(notes).map(([name, list]) => [name, list.filter((it) => !later.has(unitKey(it)))]),
    );
    for (const more of later.values()) addNotes(now, more);
    return now;
  }

  function readAll(contents: ReadonlyMap<string, Uint8Array>) {
    return needed().map((file) => {
      const { path } = file;
      return { path, file: readCurrent(file, contents.get(path), claims.at(path) !== undefined, input) };
    });
  }
}

/** @returns undefined for a unit that is as desired after all */
function decide<S, U, D>(
  { opened, ids }: WalkInput<S, U, D>,
  index: TreeIndex,
  { unit, desired }: Pending<U>,
  current: readonly CurrentFile<S>[],
): Decision<D> | undefined {
  const same = new Set((desired?.files ?? []).flatMap((it) => (isThere(it, index, ids) ? [it.path] : [])));
  if (desired !== undefined && same.size === desired.files.length && current.length === 0) return undefined;
  return opened.compare({ unit, ...(desired === undefined ? {} : { desired }), current, same });
}

function holding<D>(held: Held<D> | undefined): { readonly held?: Held<D> } {
  return held === undefined ? {} : { held };
}

/** Whether a file differs from what a unit wants there, or is wanted by none. */
function isNeeded<S, U, D>(
  file: TreeFile,
  { territory, ids }: WalkInput<S, U, D>,
  index: TreeIndex,
  claims: PathClaims,
  pending: ReadonlyMap<string, Pending<U>>,
): boolean {
  const claimed = claims.at(file.path);
  if (claimed === undefined) return territory.clusterOf(file.path) !== undefined;
  const desired = pending.get(unitKey(claimed))?.desired?.files.find(({ path }) => path === file.path);
  return desired !== undefined && !isThere(desired, index, ids);
}

function firstHeld(unit: UnitId, current: readonly CurrentFile[], territory: Territory): Held<never> | undefined {
  for (const file of current) {
    const held = holdFile(unit, file, territory);
    if (held !== undefined) return held;
  }
  return undefined;
}

function add(sums: Map<string, number>, { cluster }: UnitId, weight: number): void {
  sums.set(cluster, (sums.get(cluster) ?? 0) + weight);
}
