import { type BotBranch, readBotBranches, readNotes } from '../git/branches.ts';
import { commitTree } from '../git/commit-tree.ts';
import { clearLeftovers } from '../git/leftovers.ts';
import { type Base, fetchBase } from '../git/repository.ts';
import type { FileTree } from '../model/tree.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import type { GitWorkspace } from './workspace.ts';

/** Where our branches and their notes stand. */
export interface Tips {
  readonly branches: ReadonlyMap<string, BotBranch>;
  /** Commit ids by ref, with or without a branch. */
  readonly notes: ReadonlyMap<string, string>;
}

/** What git held before Athenz was asked. */
export interface BaseState extends Tips {
  readonly base: Base;
  readonly tree: FileTree;
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
  const base = await fetchBase(git, config.forge.base, config.forge.remote);
  return { base, ...(await readTips(workspace, base)), tree: commitTree(git, base.commit, objectFormat) };
}

/**
 * What people have let through limits in proposals that are not merged yet: it stays proposed.
 *
 * @param open branches with an open pull request, where there are any: what somebody has closed, or squashed into the base,
 *   is proposed no more
 */
export function letThroughBefore({ branches }: Tips, open?: ReadonlySet<string>): ReadonlySet<string> {
  const ours = [...branches.values()].filter(({ owner, name }) => owner === 'bot' && open?.has(name) !== false);
  return new Set(ours.flatMap(({ letThrough = [] }) => letThrough));
}

/** The tips of our branches and of their notes, as the last fetch saw them. */
export async function readTips({ config, repository }: GitWorkspace, base: Base): Promise<Tips> {
  const { git } = repository;
  const { remote, commit } = config.forge;
  const branches = await readBotBranches(git, base, remote, commit.email);
  return { branches, notes: await readNotes(git, base.branch) };
}
