import { type Base, branchFolder, type Remote, trackingRef } from './base-refs.ts';
import type { Git } from './git.ts';
import { isOwnWork } from './own-work.ts';
import { type Difference, differences, touchedBetween } from './touched.ts';
import { belowUpdateMerges } from './update-merges.ts';

/** What this program proposes on one branch: one commit of ours on the base, below GitHub's "Update branch". */
export interface OwnProposal {
  readonly changes: readonly Difference[];
  /**
   * The base has changed one of its files since: `sync` would rebuild it. Merged as it is, it could bring back what was
   * revoked meanwhile, as a proposal that was squashed into the base before does.
   */
  readonly stale: boolean;
}

/**
 * Reads the proposal that a commit holds; undefined for anybody else's work. By the commits alone: whoever may write them
 * can imitate ours.
 *
 * @param tip commit id
 * @param base commit id, with its whole history
 * @param botEmail of `forge.commit.email`
 * @throws AppError `GIT_FAILED`
 */
export async function readProposal(
  git: Git,
  tip: string,
  base: string,
  botEmail: string,
): Promise<OwnProposal | undefined> {
  const commit = await belowUpdateMerges(git, tip, base);
  if (!(await isOwnWork(git, commit, base, botEmail))) return undefined;
  const changes = await differences(git, `${commit}^`, commit);
  const paths = new Set(changes.map(({ path }) => path));
  const later = await touchedBetween(git, `${commit}^`, base, (path) => paths.has(path));
  // Once it is merged as it is, its own commit is in the base too.
  return { changes, stale: later.some((it) => it.commit !== commit) };
}

/** The proposals on the branches below `athenz-gitops/<base>/`, as the last fetch saw them. @throws AppError `GIT_FAILED` */
export async function readProposals(
  git: Git,
  { branch, commit }: Base,
  remote: Remote,
  botEmail: string,
): Promise<readonly OwnProposal[]> {
  const prefix = trackingRef(remote, branchFolder(branch));
  const said = await git.run('listing branches', 'for-each-ref', '--format=%(objectname)', prefix);
  const tips = said.split('\n').filter((line) => line !== '');
  const proposals: OwnProposal[] = [];
  for (const tip of new Set(tips)) {
    const proposal = await readProposal(git, tip, commit, botEmail);
    if (proposal !== undefined) proposals.push(proposal);
  }
  return proposals;
}
