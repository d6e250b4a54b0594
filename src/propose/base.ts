import { type Base, type BaseRefs, trackingRef } from '../git/base-refs.ts';
import { type BotBranch, readBotBranches } from '../git/branches.ts';
import { commitTree } from '../git/commit-tree.ts';
import { fetchBase } from '../git/fetch.ts';
import { clearLeftovers } from '../git/leftovers.ts';
import { type Memory, readMemories } from '../git/notes.ts';
import type { FileTree } from '../model/tree.ts';
import { count } from '../report/words.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { claimProposals } from './claim.ts';
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

/** As `readBase`, and finds out what is this config's own. @throws also AppError `CONFIG_INVALID`, see `claimProposals` */
export async function readOwnBase(workspace: GitWorkspace, io: Io, flags: CommonFlags): Promise<OwnState> {
  const state = await readBase(workspace, io, flags);
  const claim = await claimProposals(workspace, state);
  return { ...state, ...ownTips(state, claim), claim };
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
 * Reads the base commit and the tips of our branches, in this order, so that what is compared belongs together. What a killed
 * run left in the way goes first.
 */
export async function readBase(workspace: GitWorkspace, io: Io, flags: CommonFlags): Promise<BaseState> {
  const { config, repository } = workspace;
  const { git, gitDir, objectFormat } = repository;
  const place = { gitDir, base: config.forge.base, remote: config.forge.remote };
  for (const file of await clearLeftovers(place, io.clock.now()))
    logOf(io, flags).info(`removed ${file}, which a killed git had left behind`);
  const refs = await fetchBase(git, config.forge.base, config.forge.remote);
  const { base } = refs;
  const warn = (message: string) => logOf(io, flags).warn(message);
  return { base, ...(await readTips(workspace, refs, warn)), tree: commitTree(git, base.commit, objectFormat) };
}

/** Tells whoever has committed something that the base lacks that a run reads the base alone. */
export async function tellAhead(workspace: GitWorkspace, base: Base, io: Io, flags: CommonFlags): Promise<void> {
  const { config, repository } = workspace;
  const { git, head = base.commit } = repository;
  if (head === base.commit) return;
  const ahead = Number((await git.ask('rev-list', '--count', `${base.commit}..${head}`, '--')) ?? 0);
  if (ahead === 0) return;
  const branch = trackingRef(config.forge.remote, base.branch).replace(/^refs\/\w+\//, '');
  const at = `${branch} at ${base.commit.slice(0, 12)}`;
  logOf(io, flags).info(`HEAD is ${count(ahead, 'commit')} ahead of the base (${at}): only the base is read`);
}

/**
 * What people have approved in proposals that are not merged yet: it stays proposed.
 *
 * @param open branches with an open pull request, where there are any: what somebody has closed, or squashed into the base,
 *   is proposed no more
 */
export function letThroughBefore(
  { branches }: Pick<Tips, 'branches'>,
  open?: ReadonlySet<string>,
): ReadonlySet<string> {
  const ours = [...branches.values()].filter(({ owner, name }) => owner === 'bot' && open?.has(name) !== false);
  return new Set(ours.flatMap(({ letThrough = [] }) => letThrough));
}

/**
 * The tips of our branches and of their notes, as the last fetch saw them.
 *
 * @param warn told what is not read
 */
export async function readTips(
  { config, repository }: GitWorkspace,
  refs: BaseRefs,
  warn?: (message: string) => void,
): Promise<Tips> {
  const { git } = repository;
  const { email } = config.forge.commit;
  const { notes } = refs;
  const branches = await readBotBranches(git, refs, email);
  const { memories, tooLarge } = await readMemories(git, notes, email);
  for (const ref of tooLarge) warn?.(`skipped the proofs in ${ref}: the note is too large (at most 8 MiB are read)`);
  return { branches, notes, memories };
}
