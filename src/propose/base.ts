import { type Base, type BaseRefs, trackingRef } from '../git/base-refs.ts';
import { readBotBranches } from '../git/branches.ts';
import { commitTree } from '../git/commit-tree.ts';
import { fetchBase } from '../git/fetch.ts';
import { clearLeftovers } from '../git/leftovers.ts';
import { readMemories } from '../git/notes.ts';
import { count } from '../model/text.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import type { BaseState, Tips } from './tips.ts';

/**
 * Reads the base commit and the tips of our branches, in this order, so that what is compared belongs together. What a killed
 * run left in the way goes first.
 */
export async function readBase(workspace: GitWorkspace, io: Io, flags: CommonFlags): Promise<BaseState> {
  const { config, repository } = workspace;
  const { git, gitDir, objectFormat } = repository;
  const place = { gitDir, base: config.forge.base, remote: config.forge.remote };
  for (const file of await clearLeftovers(place, io.clock.now()))
    logOf(io, flags).info(`removed ${file}, left behind by a killed git process`);
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
  for (const ref of tooLarge) warn?.(`skipped the proofs in ${ref}: the note is too large (limit 8 MiB)`);
  return { branches, notes, memories };
}
