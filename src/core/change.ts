import type { ErrorCode, Problem } from '../model/error.ts';
import type { UnitId } from './unit.ts';

/**
 * What a merge means, in the terms of a generator.
 *
 * @template D what the generator knows of it, and shows
 */
export interface Change<D = unknown> extends UnitId {
  /** The same for the same change in every run; no two changes of one generator share it. */
  readonly id: string;
  readonly effect: 'add' | 'remove' | 'modify';
  /** The source says so explicitly: no limit holds it. */
  readonly proven: boolean;
  /** In what limits count, such as grants. */
  readonly weight: number;
  readonly detail: D;
}

/** A file that differs from what is desired. */
export interface FileChange extends UnitId {
  /** From the repository's root. */
  readonly path: string;
  /** git's id of what is there now; not set for a new file. */
  readonly before?: string;
  /**
   * What is desired there; not set for a file to delete. `formerOid`: the id that an earlier version would have given it. Digests
   * are over it, so that proposals of that version stay up to date.
   */
  readonly after?: { readonly oid: string; readonly formerOid: string; readonly text: string };
}

/** What becomes of a file. */
export function actionOn({ before, after }: Pick<FileChange, 'before' | 'after'>): 'add' | 'change' | 'remove' {
  if (after === undefined) return 'remove';
  return before === undefined ? 'add' : 'change';
}

/** What stays as it is because something could not be read. */
export interface Kept extends UnitId {
  /** Not set when it is the whole unit, or the inventory of the whole cluster. */
  readonly part?: string;
  readonly problem: Problem;
  /** Since when that is so, RFC 3339 UTC, as far as earlier runs have said it. */
  readonly since?: string;
}

/** A part of a unit that is, or would be, left with nothing. */
export interface Emptied extends UnitId {
  readonly part: string;
  /** The config says that it must not be. */
  readonly protected: boolean;
}

/** Something that is not proposed until a person has looked. */
export interface Held<D = unknown> extends UnitId {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  /** The changes that are held; empty when it is the whole unit, or a file of none. */
  readonly changes: readonly Change<D>[];
  /** Parts that the held changes would leave with nothing; not set where there are none. */
  readonly emptied?: readonly Emptied[];
}

export type ApprovalKind = 'removals' | 'additions';

/** Changes of a unit that are proposed although a limit would hold them, as a person has approved them. */
export interface Approved extends UnitId {
  readonly kind: ApprovalKind;
  readonly changes: number;
  /** Names the changes: those and no others are approved, until they are merged. */
  readonly digest: string;
}

/** An approval that was given for this run and that nothing it holds has the digest of. */
export interface UnmatchedApproval {
  readonly kind: ApprovalKind;
  readonly digest: string;
}

/** What a person approves once, by the digest of the plan they reviewed. */
export interface Accepted {
  readonly acceptRemovals?: string;
  readonly acceptAdditions?: string;
  /** Of `Approved.digest`: what is proposed and was approved when it was. */
  readonly approvedEarlier?: ReadonlySet<string>;
}

/** A remark on a unit that changes nothing, in the generator's terms; grouped by the generator's own names. */
export type Notes = Readonly<Record<string, readonly UnitId[]>>;

/** Changes that add, or remove. */
export function withEffect<D>(changes: readonly Change<D>[], effect: Change['effect']): readonly Change<D>[] {
  return changes.filter((change) => change.effect === effect);
}
