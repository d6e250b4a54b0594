import { branchFolder } from '../git/base-refs.ts';
import { type OwnProposal, readProposal, readProposals } from '../git/own-proposal.ts';
import type { GitWorkspace } from '../run/workspace.ts';
import type { MergeFacts } from './verdict.ts';

/** Whose work the head may hold, and why. */
interface Claim {
  readonly proposals: readonly OwnProposal[];
  /** The head is a proposal of ours by its commits, and no branch says so. */
  readonly unclaimed: boolean;
  readonly mergeGroup: boolean;
}

/**
 * Of a pull request, the head itself, where its branch is ours. Of a merge group, all of our branches: the queue has
 * recreated its commits, and their pull requests have passed this check before.
 */
export async function readClaim(
  workspace: GitWorkspace,
  base: string,
  head: string,
  flags: { readonly headRef?: string; readonly mergeGroup?: boolean },
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
