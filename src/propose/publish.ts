import { type Generator, isPrimary } from '../core/generator.ts';
import type { Scope } from '../core/scope.ts';
import { branchFolder, noteRef } from '../git/base-refs.ts';
import { branchName } from '../git/branches.ts';
import { fetchBase } from '../git/fetch.ts';
import { AppError, reasonOf, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { readBranchSlug } from '../model/owner.ts';
import type { Proposal } from '../model/proposal.ts';
import { titleOf } from '../report/words.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import { readTips } from './base.ts';
import { type ForeignBranch, type OwnState, type OwnTips, ownTips, type Tips } from './tips.ts';

/** One scope and its branch, and the desired state. */
export interface ScopeBranch {
  readonly key: string;
  readonly branch: string;
  /** Undefined: the scope no longer exists. */
  readonly scope?: Scope;
  /** The scope, where there is something to propose. */
  readonly wanted?: Scope;
}

/** What became of it, apart from what it is called. */
export type ProposalResult = Omit<Proposal, 'generator' | 'scope' | 'branch' | 'title' | 'digest'>;

/**
 * Brings one scope to its desired state, given the tips of our branches.
 *
 * @throws AppError `GIT_LEASE` when a branch has moved since, and any other
 */
export type Attempt = (scopeBranch: ScopeBranch, tips: OwnTips) => Promise<ProposalResult>;

/** Carries out what is decided for the scopes of one run. */
export interface Publisher {
  /** Never throws: one scope must not stop the others. */
  propose(scope: Scope): Promise<Proposal>;
  /** Deletes the config's branches of scopes that no longer exist, and reports branches without an owner. */
  withdrawOthers(scopes: readonly Scope[]): Promise<readonly Proposal[]>;
}

/** Prepares the proposals of one run. */
export function createPublisher(
  workspace: GitWorkspace,
  state: OwnState,
  { name: generator, schema, words }: Pick<Generator, 'name' | 'schema' | 'words'>,
  attempt: Attempt,
): Publisher {
  const { base, claim } = state;

  async function publish(scopeBranch: ScopeBranch): Promise<Proposal> {
    const { key, branch, wanted } = scopeBranch;
    const named = { generator, scope: key, branch };
    const titled = wanted === undefined ? named : { ...named, title: titleOf(wanted, words), digest: wanted.digest };
    try {
      // A pull request is not begun either, for which git is not needed at first.
      checkStop(workspace.repository.git.stop, 'proposing');
      return { ...titled, ...(foreignResult(scopeBranch, state) ?? (await attempt(scopeBranch, state))) };
    } catch (error) {
      if (!isLeaseLost(error)) return { ...titled, ...failure(error) };
    }
    // The branch has moved meanwhile. One more look decides whether that was a later run, a person, or nothing that matters.
    let moved = false;
    try {
      const again = await readAgain(workspace, state);
      // What was planned belongs to the base as it was: merged meanwhile, it would be proposed once more.
      if (again.base.commit !== base.commit) {
        return { ...titled, action: 'superseded', reason: `${base.branch} has moved since this run began` };
      }
      moved = positionOf(branch, again) !== positionOf(branch, state);
      return { ...titled, ...(foreignResult(scopeBranch, again) ?? (await attempt(scopeBranch, again))) };
    } catch (error) {
      if (!isLeaseLost(error)) return { ...titled, ...failure(error) };
      if (moved) return { ...titled, action: 'superseded', reason: reasonOf(error) };
      // Refused twice while nothing moved is no race: a lock file that was left behind, or a branch in the name's way.
      return { ...titled, ...failure(error.cause) };
    }
  }

  return {
    propose(scope) {
      const wanted = scope.files.length > 0 ? { wanted: scope } : {};
      return publish({ key: scope.key, branch: branchName(base.branch, claim.owner, scope.key), scope, ...wanted });
    },
    async withdrawOthers(scopes) {
      const keyOf = (branch: string) => readBranchSlug(branch.slice(branchFolder(base.branch).length)).scope;
      const wanted = new Set(scopes.map((scope) => branchName(base.branch, claim.owner, scope.key)));
      const proposals: Proposal[] = [];
      // What is remembered may be all that is left of one.
      const remembered = [...state.memories.keys()].map((ref) => ref.replace(/^refs\/notes\//, ''));
      for (const branch of [...new Set([...state.branches.keys(), ...remembered])].sort()) {
        if (wanted.has(branch)) continue;
        const proposal = await publish({ key: keyOf(branch), branch });
        if (proposal.action !== 'none') proposals.push(proposal);
      }
      // Reported once, not by every generator.
      for (const { name: branch, owner } of isPrimary({ schema }) ? state.foreign.values() : []) {
        if (owner !== undefined || wanted.has(branch)) continue;
        proposals.push({ generator, scope: keyOf(branch), branch, action: 'leave', reason: unowned });
      }
      return proposals;
    },
  };
}

const unowned = 'it has no owner, and no config covers all of its files: merge or delete it';

/** Where a branch of another owner has the name: it is not for this config to move. */
function foreignResult({ branch, wanted }: ScopeBranch, { foreign }: OwnTips): ProposalResult | undefined {
  const found = foreign.get(branch);
  if (found === undefined) return undefined;
  return wanted === undefined ? { action: 'none' } : { action: 'blocked', reason: foreignReason(found) };
}

function foreignReason({ owner }: ForeignBranch): string {
  return owner === undefined ? unowned : `it holds a proposal of ${owner}: run sync with that config, or delete it`;
}

/** What went wrong, in the words of whoever refused, and what to do about it. */
function failure(error: unknown): ProposalResult {
  const { next } = toProblem(error);
  return { action: 'failed', reason: reasonOf(error), ...(next === undefined ? {} : { next }) };
}

function isLeaseLost(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'GIT_LEASE';
}

/** The base and the branches as they are now. */
async function readAgain(workspace: GitWorkspace, state: OwnState): Promise<OwnTips & Pick<OwnState, 'base'>> {
  const refs = await fetchBase(workspace.repository.git, state.base.branch, workspace.config.forge.remote);
  return { base: refs.base, ...ownTips(await readTips(workspace, refs), state.claim) };
}

/** Of a branch and its note; another one once either has moved. */
function positionOf(branch: string, { branches, notes }: Tips): string {
  return `${branches.get(branch)?.tip} ${notes.get(noteRef(branch))}`;
}
