import { Refusal, refused } from './answer.ts';
import { may } from './caller.ts';
import { textsOf } from './json.ts';
import type { Call } from './route.ts';
import { type Pull, stampOf } from './world.ts';

/** Asks people and teams for a review. @throws Refusal */
export function requestReviews({ world, caller, body }: Call, pull: Pull): void {
  const reviewers = textsOf(body, 'reviewers');
  const teams = textsOf(body, 'team_reviewers');
  if (reviewers.includes(pull.author)) {
    throw new Refusal(refused(422, 'Review cannot be requested from pull request author.'));
  }
  if (teams.length > 0 && !(caller.kind === 'token' && may(caller.token.permissions, 'members=read'))) {
    throw new Refusal(refused(422, `Could not resolve to a node with the global id of 'T_${teams[0]}'.`));
  }
  const stranger = reviewers.find((login) => !world.collaborators.includes(login));
  if (stranger !== undefined) {
    const message = `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${world.owner}/${world.repository} repository.`;
    throw new Refusal(refused(422, message));
  }
  pull.reviewers = [...new Set([...pull.reviewers, ...reviewers])];
  pull.teamReviewers = [...new Set([...pull.teamReviewers, ...teams])];
  pull.updatedAt = stampOf(world);
}
