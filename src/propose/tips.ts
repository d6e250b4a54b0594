import type { Base } from '../git/base-refs.ts';
import type { BotBranch } from '../git/branches.ts';
import type { Memory } from '../git/notes.ts';
import type { FileTree } from '../model/tree.ts';
import { type Claim, ownershipOf } from './ownership.ts';

/** Where the program's branches and their notes stand. */
export interface Tips {
  readonly branches: ReadonlyMap<string, BotBranch>;
  /** Commit ids by ref, with or without a branch. */
  readonly notes: ReadonlyMap<string, string>;
  /** What runs have left in them, by ref. */
  readonly memories: ReadonlyMap<string, Memory>;
}

/** As a run of one config may go by it: its own branches, apart from those of others. */
export interface OwnTips extends Tips {
  readonly foreign: ReadonlyMap<string, ForeignBranch>;
  /** The owners of notes in which other configs remember, by ref. */
  readonly foreignNotes: ReadonlyMap<string, string>;
}

/** A branch of the program that this config does not own. */
export interface ForeignBranch {
  readonly name: string;
  /** Not set: unknown, see `ownershipOf`. */
  readonly owner?: string;
}

/** What git held before Athenz was asked. */
export interface BaseState extends Tips {
  readonly base: Base;
  readonly tree: FileTree;
}

/** As a run that proposes may go by it. */
export interface OwnState extends BaseState, OwnTips {
  readonly claim: Claim;
}

/** Sets apart what a config owns: nothing else may be read as its own, updated, withdrawn or counted. */
export function ownTips({ branches, notes, memories }: Tips, claim: Claim): OwnTips {
  const own = new Map<string, BotBranch>();
  const foreign = new Map<string, ForeignBranch>();
  for (const [name, branch] of branches) {
    const ownership = ownershipOf(branch, claim);
    if (ownership.kind === 'own') own.set(name, branch);
    else foreign.set(name, ownership.kind === 'other' ? { name, owner: ownership.owner } : { name });
  }
  const isOwn = ([, { owner }]: readonly [string, Memory]) => ownershipOf({ ownedBy: owner }, claim).kind === 'own';
  const remembered = Map.groupBy(memories, isOwn);
  const foreignNotes = new Map((remembered.get(false) ?? []).map(([ref, { owner }]) => [ref, owner]));
  return { branches: own, notes, memories: new Map(remembered.get(true)), foreign, foreignNotes };
}

/**
 * What people have approved in proposals that are not merged yet: it stays proposed.
 *
 * @param open branches with an open pull request, where there are any: what was closed, or squashed into the base, is
 *   no longer proposed
 */
export function approvedBefore({ branches }: Pick<Tips, 'branches'>, open?: ReadonlySet<string>): ReadonlySet<string> {
  const ours = [...branches.values()].filter(({ owner, name }) => owner === 'bot' && open?.has(name) !== false);
  return new Set(ours.flatMap(({ letThrough = [] }) => letThrough));
}
