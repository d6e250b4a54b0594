import type { Show } from '../model/text.ts';
import type { Change, Notes } from './change.ts';
import type { UnitId } from './unit.ts';

/** How a generator is talked about: nouns in the singular, in lower case. */
export interface Nouns {
  /** As in "matches Athenz". */
  readonly source: string;
  /** What is planned together, such as `namespace`. */
  readonly unit: string;
  /** A part of that, such as `role`; also the key of it in JSON. */
  readonly part: string;
  /** What limits count, such as `grant`. */
  readonly weight: string;
  /** To whom or what a change happens, such as `subject`. */
  readonly subject: string;
  /** A change that neither adds nor removes, such as `permission change`. */
  readonly modified: string;
  /** Changes with a cause that many share, in the plural, such as `losses`. */
  readonly caused: string;
}

/** Headings of the columns of tables. */
export interface Headings {
  /** Of `ChangeWords.who`. */
  readonly who: string;
  /** Of `ChangeWords.why`. */
  readonly why: string;
  /** Of `Words.tally`, in an overview of scopes. */
  readonly tally: string;
}

/** One change, in words. */
export interface ChangeWords {
  /** The part of the unit that it is in, such as a role. */
  readonly part: string;
  /** A few words beside the part where a reviewer looks first, such as what it allows. */
  readonly what?: string;
  /** To whom, or to what. */
  readonly who: string;
  readonly why: string;
  /** What many changes may share: it is written once, and the lines refer to it. */
  readonly cause?: string;
}

/** A folded list of a report. */
export interface Section {
  readonly icon: string;
  readonly title: string;
  /** How one line begins in a list that has no title, as on a terminal; not set where that does not show it. */
  readonly label?: string;
  readonly lines: readonly string[];
}

/** Something a report says above everything that is folded. */
export interface Warning {
  /** What is warned of, such as `role`. */
  readonly noun: string;
  /** What is the matter with it: `left without anyone`. */
  readonly label: string;
  /** Where; at least one. */
  readonly places: readonly string[];
}

/** How texts from outside are shown in a medium. */
export interface Medium {
  readonly show: Show;
  /** A name as code, where the medium has that. */
  readonly code: Show;
}

/** How a unit is named where a text stands. */
export type NamePlace = (unit: UnitId) => string;

/** Everything that reports say in the terms of a generator. Text from outside goes through `show`. */
export interface Words<D> {
  readonly nouns: Nouns;
  readonly headings: Headings;
  /** `3 grants to add`, `2 to remove`: never empty where something is added, removed or modified. */
  tally(counts: { readonly added: number; readonly removed: number; readonly modified: number }): readonly string[];
  /** What stays the same where only files change: `nobody's access`. */
  readonly nothing: string;
  /** What a merge does, as the subject of a sentence: `who may do what`. */
  readonly about: string;
  describe(change: Change<D>, show: Show): ChangeWords;
  /** What changes are listed under; default: their unit. */
  heading?(change: Change<D>): string;
  /** Whether a change may have a cause that many share; default: any may. */
  mayShare?(change: Change<D>): boolean;
  /**
   * What approving held removals would do to the parts they leave with nothing: `would leave without anyone: …`.
   *
   * @param places of the parts, shown already
   * @param options `protected`: a limit on them holds the removals as well; `most`: places to name, the rest is counted
   */
  emptied(places: readonly string[], options: { readonly protected: boolean; readonly most?: number }): string;
  warnings(notes: Notes, place: NamePlace, medium: Medium): readonly Warning[];
  /** What is worth a list, folded; those without lines are left out. */
  sections(notes: Notes, place: NamePlace, medium: Medium): readonly Section[];
  /** What settings leave out, a sentence each. */
  skipped(notes: Notes, show: Show): readonly string[];
}
