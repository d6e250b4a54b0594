import type { FileChange, Held } from '../core/change.ts';
import type { Direct } from '../core/direct.ts';
import { withDirect } from '../core/direct-tree.ts';
import type { Scope } from '../core/scope.ts';
import { branchPrefix } from '../git/base-refs.ts';
import { type BranchTip, fetchTip } from '../git/branch-tip.ts';
import { writeCommit } from '../git/commit.ts';
import { commitTree } from '../git/commit-tree.ts';
import { AppError, reasonOf, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import type { Proposal } from '../model/proposal.ts';
import type { FileTree } from '../model/tree.ts';
import { renderMessage } from '../report/message.ts';
import { titleOf } from '../report/words.ts';
import type { Configured } from '../run/generators.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { findMisplaced } from './misplaced.ts';
import { hasToWait, moveRefs, waitsForPushes } from './move-refs.ts';
import { fileOf } from './proposal.ts';
import { type Run, trailersOf } from './run.ts';

/** A branch that some files of a generator are committed to, as it was before the sources were asked. */
export interface DirectState extends Direct {
  readonly tip?: BranchTip;
  /** The base, with those files as the branch has them. */
  readonly tree: FileTree;
  /** Files that are still in the base, as they were proposed there before, although nothing needs them there: they go. */
  readonly moved: readonly FileChange[];
  /** Files that are not where they belong, and that no run touches. */
  readonly strays: readonly Held<never>[];
}

/**
 * Reads the branch that a generator commits to directly.
 *
 * @param base the tree of the base
 * @returns undefined where it has none
 * @throws AppError `CONFIG_INVALID` for the base, or a branch of proposals
 */
export async function readDirect(
  { config, repository }: GitWorkspace,
  configured: Configured,
  base: FileTree,
): Promise<DirectState | undefined> {
  const { generator, setting } = configured;
  const direct = generator.direct?.(setting);
  if (direct === undefined) return undefined;
  const { forge } = config;
  const { branch } = direct;
  if (branch === forge.base || branch === branchPrefix || branch.startsWith(`${branchPrefix}/`)) {
    const whose = branch === forge.base ? 'the base' : 'a branch of proposals';
    throw new AppError('CONFIG_INVALID', `${generator.name} would commit to ${branch}, ${whose}, without a review`, {
      next: 'name a branch of its own',
    });
  }
  const tip = await fetchTip(repository.git, branch, forge.remote, `the branch of ${generator.name}`);
  const there = tip && commitTree(repository.git, tip.commit, repository.objectFormat);
  const { moved, strays } = await findMisplaced(configured, direct, base, there);
  return { ...direct, tree: withDirect(base, there, direct), moved, strays, ...(tip === undefined ? {} : { tip }) };
}

/** Commits a scope to its branch, under a lease. Never throws: the next run does what this one could not. */
export async function commitDirect(run: Run, { branch, tip }: DirectState, scope: Scope): Promise<Proposal> {
  const { generator } = run.assessment;
  const { git } = run.workspace.repository;
  const named = { generator: generator.name, scope: scope.key, branch };
  const titled = { ...named, title: titleOf(scope, generator.words), digest: scope.digest };
  if (tip?.checkedOutAt !== undefined) {
    const reason = `it is checked out in ${tip.checkedOutAt}`;
    return { ...titled, action: 'failed', reason, next: 'check out another branch there' };
  }
  if (run.dryRun) return { ...titled, action: 'commit' };
  if (hasToWait(run)) return { ...titled, ...waitsForPushes };
  try {
    checkStop(git.stop, 'committing');
    const { commit } = await writeCommit(git, {
      ...(tip === undefined ? {} : { base: tip.commit }),
      files: scope.files.map(({ path, after }) => (after === undefined ? { path } : fileOf(path, after))),
      message: renderMessage(scope, generator.words, trailersOf(run, scope.key)),
      author: run.workspace.config.forge.commit,
      when: run.io.clock.now(),
    });
    await moveRefs(run, [{ ref: `refs/heads/${branch}`, from: tip?.commit ?? null, to: commit }]);
    return { ...titled, action: 'commit', commit };
  } catch (error) {
    const { code, next } = toProblem(error);
    if (code === 'GIT_LEASE') return { ...titled, action: 'superseded', reason: reasonOf(error) };
    return { ...titled, action: 'failed', reason: reasonOf(error), ...(next === undefined ? {} : { next }) };
  }
}
