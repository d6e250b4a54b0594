import { branchFolder } from '../git/base-refs.ts';
import { defaultOwner, readBranchSlug } from '../model/owner.ts';
import type { PullRequest } from '../model/pull.ts';
import { readMarker } from './read-marker.ts';

/**
 * Whose a pull request is, as far as it says so itself: by the name of its branch, else by its marker.
 *
 * @param base the branch that it was made for
 * @param now milliseconds since the epoch
 */
export function ownerOfPull({ branch, body }: PullRequest, base: string, now: number): string {
  const { owner } = readBranchSlug(branch.slice(branchFolder(base).length));
  return owner ?? readMarker(body, now)?.owner ?? defaultOwner;
}
