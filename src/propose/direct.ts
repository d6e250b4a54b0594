import type { FileChange, Held } from '../core/change.ts';
import type { Direct } from '../core/direct.ts';
import { withDirect } from '../core/direct-tree.ts';
import { listAhead } from '../core/list-ahead.ts';
import type { Scope } from '../core/scope.ts';
import { directKey } from '../core/split-direct.ts';
import { branchPrefix } from '../git/base-refs.ts';
import { type BranchTip, fetchTip } from '../git/branch-tip.ts';
import { writeCommit } from '../git/commit.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import { lastOwn } from '../git/last-own.ts';
import { AppError, reasonOf, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { isAtOrBelow } from '../model/path.ts';
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
import type { OwnState } from './tips.ts';

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
 * @param tree of the base
 * @returns undefined where it has none
 * @throws AppError `CONFIG_INVALID` for the base, a branch of proposals, or what git cannot have beside them; `OUTPUT_BRANCH` for one
 *   that another config, or the same for another base, commits to: each would remove what the other has there
 */
export async function readDirect(
  { config, repository }: GitWorkspace,
  configured: Configured,
  state: Pick<OwnState, 'base' | 'claim'>,
  tree: FileTree,
): Promise<DirectState | undefined> {
  const { generator, setting } = configured;
  const direct = generator.direct?.(setting);
  if (direct === undefined) return undefined;
  const { forge } = config;
  const { branch } = direct;
  refuseBranch(branch, forge.base, generator.name);
  const tip = await fetchTip(repository.git, branch, forge.remote, `the branch of ${generator.name}`);
  if (tip !== undefined) await refuseOthers(repository.git, tip, branch, state);
  const files = tip && commitTree(repository.git, tip.commit, repository.objectFormat);
  const there = files && listAhead(files, configured.territory.roots);
  const { moved, strays } = await findMisplaced(configured, direct, tree, there);
  return { ...direct, tree: withDirect(tree, there, direct), moved, strays, ...(tip === undefined ? {} : { tip }) };
}

/** What the trailer of a commit on the branch has in place of a scope: two bases may have one config. */
function scopeFor({ base }: Pick<OwnState, 'base'>, key: string): string {
  return `${key} ${base.branch}`;
}

async function refuseOthers(
  git: Git,
  { commit }: BranchTip,
  branch: string,
  state: Pick<OwnState, 'base' | 'claim'>,
): Promise<void> {
  const last = await lastOwn(git, commit, `${directKey} `);
  if (last === undefined) return;
  const { owner = 'another config', scope = '' } = last;
  if (owner === state.claim.owner && scope === scopeFor(state, directKey)) return;
  const whose = `${owner} (${scope})`;
  throw new AppError('OUTPUT_BRANCH', `committing to ${branch}: it is of ${whose}`, {
    next: 'name a branch of its own; or delete this one if nothing else commits to it',
  });
}

/** File systems that fold case take two names for one, and git has no branch below another. @throws AppError `CONFIG_INVALID` */
function refuseBranch(branch: string, base: string, generator: string): void {
  const [own, ofBase, ofProposals] = [branch, base, branchPrefix].map((it) => it.toLowerCase()) as [
    string,
    string,
    string,
  ];
  const refuse = (why: string) => {
    const next = 'name a branch of its own';
    throw new AppError('CONFIG_INVALID', `${generator} would commit to ${branch}, ${why}`, { next });
  };
  if (own === ofBase) refuse('the base, without a review');
  if (isAtOrBelow(ofProposals, own)) refuse('a branch of proposals, without a review');
  if (own === 'head') refuse('which git takes for what is checked out');
  if (isAtOrBelow(ofBase, own) || isAtOrBelow(own, ofBase)) refuse(`which git cannot have beside ${base}`);
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
      message: renderMessage(scope, generator.words, trailersOf(run, scopeFor(run.state, scope.key))),
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
