import type { TreeFile } from '../model/tree.ts';
import type { Change, Emptied, Held, Kept, Notes } from './change.ts';
import type { Doubt, Evidence, Proof } from './evidence.ts';
import type { UnitId } from './unit.ts';

/** A file that a unit wants. */
export interface DesiredFile {
  /** From the repository's root. */
  readonly path: string;
  /** Not set where a part could not be read: what is there decides then. */
  readonly rendered?: { readonly oid: string; readonly text: string };
}

/**
 * One unit as the sources alone want it.
 *
 * @template U what the generator knows of it besides, for `compare`
 */
export interface Desired<U = unknown> {
  readonly unit: UnitId;
  readonly files: readonly DesiredFile[];
  /** What its files hold, in what limits count; parts that could not be read count for nothing. */
  readonly weight: number;
  /** Worth a remark whether or not anything changes. */
  readonly notes?: Notes;
  /** What it takes on the sources' first word, as in `Decision.unconfirmed`; only some of it is worth asking about. */
  readonly unconfirmed?: readonly string[];
  /** When time alone ends something that it has, milliseconds since the epoch; after the instant that is planned for. */
  readonly expires?: number;
  /** Files of others at its paths become its own: a person asked for that. */
  readonly adopts?: true;
  /** It is there for its folder's sake: no report counts it among the units. */
  readonly uncounted?: true;
  readonly state: U;
  readonly recalled?: never;
}

/**
 * One unit as the same sources were seen to want it before. Enough to tell that nothing differs; where something does, the unit is
 * asked for in full.
 */
export interface Recalled extends Pick<Desired, 'unit' | 'weight' | 'notes' | 'unconfirmed' | 'expires'> {
  readonly recalled: true;
  /** Each with git's ids of what counts as its text. */
  readonly files: readonly { readonly path: string; readonly oids: readonly string[] }[];
}

/**
 * What a file of the tree is.
 *
 * @template S what it holds
 */
export type Parsed<S = unknown> =
  | {
      readonly kind: 'rendered';
      /** The one unit it holds; the cluster follows from the path. */
      readonly unit: Omit<UnitId, 'cluster'>;
      readonly state: S;
    }
  /** Written by this program, but it does not hold exactly one unit. */
  | { readonly kind: 'mixed'; readonly reason: string; readonly state: S }
  /** `unit`: the one unit that it would hold if it were ours, where the generator can tell. */
  | { readonly kind: 'foreign'; readonly unit?: Omit<UnitId, 'cluster'> }
  | { readonly kind: 'unparsable'; readonly reason: string };

/** A file of an owned folder that is not as desired, or that no unit asks for; read. */
export interface CurrentFile<S = unknown> {
  readonly file: TreeFile;
  readonly cluster: string;
  readonly parsed:
    | Parsed<S>
    /** It is not ours to move, at a path that differs from a desired one by case alone. */
    | { readonly kind: 'twin'; readonly of: string }
    /** Of ours, at a path that git does not write. */
    | { readonly kind: 'unwritable' };
}

/** A unit that differs, or may. */
export interface Pending<U = unknown> {
  readonly unit: UnitId;
  /** Not set for a unit that is orphaned. */
  readonly desired?: Desired<U>;
  /** Paths of its files that are in the tree already. */
  readonly same: ReadonlySet<string>;
}

/** One unit that differs, for a generator to compare. */
export interface Differing<S, U> extends Pending<U> {
  /** Sorted by path: the files that hold the unit or are at its path. Those as desired are not among them. */
  readonly current: readonly CurrentFile<S>[];
}

/**
 * What is to become of one unit that differs, before limits apply. What a limit holds is handed to its functions by the changes'
 * ids: the unit follows with everything else.
 */
export interface Decision<D = unknown> {
  readonly unit: UnitId;
  readonly removals: readonly Change<D>[];
  /** Made when they are asked for, as few limits look at them: a first run adds everything. */
  additions(): readonly Change<D>[];
  /** Of what the tree has now. */
  readonly weight: number;
  readonly kept: readonly Kept[];
  /** The whole unit stays as it is. */
  readonly held?: Held<D>;
  /** Names of what the sources seem to lack, unconfirmed: asked a second time before the decision counts. */
  readonly unconfirmed?: readonly string[];
  /** Removals that evidence elsewhere may explain. */
  readonly doubts?: readonly Doubt[];
  /** The same with what the evidence says of its doubts. */
  withEvidence?(evidence: Evidence): Decision<D>;
  /** What the sources themselves say now of why something ended. @param polled RFC 3339 UTC */
  proofs?(polled: string): readonly Proof[];
  /** Whether the tree still has what a proof of this key is about. */
  has?(key: string): boolean;
  /** Parts that would exceed a hard limit, which no approval lifts, each with its changes. */
  tooLarge?(held: ReadonlySet<string>): readonly Held<D>[];
  /** Parts that removals without proof leave with nothing. */
  emptied?(held: ReadonlySet<string>): readonly EmptiedPart[];
  /** What is proposed of it. */
  settle(held: ReadonlySet<string>): Settled<D>;
}

/** With the words for a limit that holds it. */
export interface EmptiedPart extends Emptied {
  readonly code: Held['code'];
  readonly message: string;
  readonly next: string;
  /** Ids of the removals. */
  readonly changes: readonly string[];
}

export type Settled<D = unknown> =
  | {
      readonly kind: 'changed';
      /** What a merge means, also what is neither added nor removed. */
      readonly changes: readonly Change<D>[];
      /** By path; undefined for a file to delete. */
      readonly files: ReadonlyMap<string, Text | undefined>;
      readonly weight: number;
      readonly notes?: Notes;
    }
  /** What is held of it cannot be written beside the rest. */
  | { readonly kind: 'stuck'; readonly held: readonly Held<D>[] };

export interface Text {
  readonly text: string;
  /** git's id of it, where that is known. */
  readonly oid?: string;
}
