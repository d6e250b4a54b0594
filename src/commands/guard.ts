import { branchFolder } from '../git/base-refs.ts';
import { commitOf } from '../git/commit-of.ts';
import { gitFailed } from '../git/failure.ts';
import type { Git } from '../git/git.ts';
import { mergeTree } from '../git/merge-tree.ts';
import { type OwnProposal, readProposal, readProposals } from '../git/own-proposal.ts';
import { rebasedDifferences } from '../git/rebase.ts';
import { isShallow } from '../git/shallow.ts';
import { differences, touchedBetween } from '../git/touched.ts';
import { exitCode } from '../model/error.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { type GitWorkspace, openGitWorkspace } from '../run/workspace.ts';
import { ownedBy } from './guard-owned.ts';
import { describeVerdict } from './guard-text.ts';
import { judge, type MergeFacts } from './guard-verdict.ts';

export interface GuardFlags extends Pick<CommonFlags, 'config' | 'quiet'> {
  readonly base: string;
  readonly head: string;
  readonly headRef?: string;
  readonly mergeGroup?: boolean;
}

/**
 * `guard`: a check of pull requests and merge queues. What lies in the output folders is changed by this program alone: on
 * its own branch, in its own commit. Reads the config of the work tree, which has to be that of the base, and nothing of the
 * head but git's objects.
 *
 * @returns the exit code
 */
export async function runGuard(io: Io, flags: GuardFlags): Promise<number> {
  const workspace = await openGitWorkspace(io, { ...flags, logLevel: 'info' });
  const { git } = workspace.repository;
  const base = await commitOf(git, flags.base, '--base');
  const head = await commitOf(git, flags.head, '--head');
  const facts = await readFacts(git, base, head, ownedBy(workspace), flags);
  const claim = await readClaim(workspace, base, head, flags, facts);
  const verdict = judge(facts, claim.proposals);
  const text = describeVerdict(verdict, { ...claim, shallow: verdict.kind === 'refused' && (await isShallow(git)) });
  if (verdict.kind === 'refused' || !flags.quiet) io.out(text);
  return verdict.kind === 'refused' ? exitCode.held : exitCode.done;
}

/** What the merge makes, and what the commits that it brings have touched. @throws AppError `GIT_FAILED` */
async function readFacts(
  git: Git,
  base: string,
  head: string,
  isOwned: (path: string) => boolean,
  { mergeGroup = false }: GuardFlags,
): Promise<MergeFacts> {
  const merge = await mergeTree(git, base, head);
  if (merge.kind === 'failed') {
    throw gitFailed('merging the two commits', merge.words, 'fetch both with all of their history');
  }
  const touched = await touchedBetween(git, base, head, () => true);
  const commits = touched
    .map((it) => ({ ...it, differences: it.differences.filter(({ path }) => isOwned(path)) }))
    .filter((it) => it.differences.length > 0);
  if (merge.kind === 'conflicted') return { conflicts: merge.paths, merged: [], commits, rebased: [] };
  const merged = (await differences(git, base, merge.tree)).filter(({ path }) => isOwned(path));
  // A queue has rebased already: the base moves to its commits as they are.
  const rebased = mergeGroup ? [] : await rebasedDifferences(git, base, head, touched, isOwned);
  return { conflicts: [], merged, commits, rebased };
}

/** Whose work the head may hold, and why. */
interface Claim {
  readonly proposals: readonly OwnProposal[];
  /** The head is a proposal of ours by its commits, and no branch says so. */
  readonly unclaimed: boolean;
  readonly mergeGroup: boolean;
}

/**
 * Of a pull request, the head itself, where its branch is ours. Of a merge group, all of our branches: the queue has made
 * its commits anew, and their pull requests have passed this check before.
 */
async function readClaim(
  workspace: GitWorkspace,
  base: string,
  head: string,
  flags: GuardFlags,
  { merged, commits, rebased }: MergeFacts,
): Promise<Claim> {
  const { config, repository } = workspace;
  const { base: branch, remote, commit } = config.forge;
  const { headRef = '', mergeGroup = false } = flags;
  if (merged.length + commits.length + rebased.length === 0) return { proposals: [], unclaimed: false, mergeGroup };
  if (mergeGroup) {
    const proposals = await readProposals(repository.git, { branch, commit: base }, remote, commit.email);
    return { proposals, unclaimed: false, mergeGroup };
  }
  const proposal = await readProposal(repository.git, head, base, commit.email);
  const ours = headRef.startsWith(branchFolder(branch));
  return {
    proposals: proposal !== undefined && ours ? [proposal] : [],
    unclaimed: proposal !== undefined && !ours,
    mergeGroup,
  };
}
