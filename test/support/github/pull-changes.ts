import { invalid, Refusal } from './answer.ts';
import { textOf } from './json.ts';
import { closePull } from './reconcile.ts';
import { checkText, loginOf } from './request.ts';
import type { Call } from './route.ts';
import { type Pull, pullsOf, stampOf, type World } from './world.ts';

/** Carries out a PATCH of a pull request: all of it, or nothing. */
export function changePull(call: Call, pull: Pull): void {
  const { world, body } = call;
  const title = textOf(body, 'title');
  const text = textOf(body, 'body');
  const state = textOf(body, 'state');
  const base = textOf(body, 'base');
  checkText('PullRequest', { title, body: text });
  if (title?.trim() === '') throw refusal('title', 'title is too short (minimum is 1 character)');
  if (base !== undefined) checkBase(world, pull, base);
  if (state === 'open' && pull.state === 'closed') reopen(world, pull);
  if (state === 'closed') closePull(world, pull.number, loginOf(call));
  if (base !== undefined) {
    pull.base = base;
    pull.baseSha = world.seen.get(base) ?? pull.baseSha;
    // Only people do that, and who sees it has waited as long as lists need.
    pull.hiddenFromLists = 0;
  }
  pull.title = title ?? pull.title;
  pull.body = text ?? pull.body;
  pull.updatedAt = stampOf(world);
}

/** Opens a closed pull request again. @throws Refusal where GitHub's button would be grey */
export function reopen(world: World, pull: Pull): void {
  const head = world.seen.get(pull.head);
  const base = world.seen.get(pull.base);
  const because = reasonAgainst(world, pull, head, base);
  if (because !== undefined || head === undefined || base === undefined) {
    throw refusal('state', `state cannot be changed. ${because}`);
  }
  pull.state = 'open';
  pull.closedAt = undefined;
  pull.closedBy = undefined;
  pull.headSha = head;
  pull.baseSha = base;
  pull.updatedAt = stampOf(world);
  world.git.keep(`refs/pull/${pull.number}/head`, head);
}

function reasonAgainst(
  world: World,
  pull: Pull,
  head: string | undefined,
  base: string | undefined,
): string | undefined {
  if (pull.merged !== undefined) return 'The pull request is already merged.';
  if (head === undefined) return `The ${pull.head} branch has been deleted.`;
  if (base === undefined) return `The ${pull.base} branch has been deleted.`;
  const { number } = pull;
  const twin = pullsOf(world).some(
    (other) =>
      other.number !== number && other.state === 'open' && other.head === pull.head && other.base === pull.base,
  );
  if (twin) return `A pull request already exists for ${world.owner}:${pull.head}.`;
  if (!world.git.contains(head, pull.headSha)) return `The ${pull.head} branch was force-pushed or recreated.`;
  if (world.git.contains(base, head)) return `There are no new commits on the ${world.owner}:${pull.head} branch.`;
  return undefined;
}

function checkBase(world: World, pull: Pull, base: string): void {
  if (pull.state === 'closed') throw refusal('base', 'Cannot change the base branch of a closed pull request.');
  const sha = world.seen.get(base);
  if (sha === undefined) throw refusal('base', `Proposed base branch '${base}' was not found`);
  if (world.git.contains(sha, pull.headSha)) {
    throw refusal('base', `There are no new commits between base branch '${base}' and head branch '${pull.head}'`);
  }
}

function refusal(field: string, message: string): Refusal {
  return new Refusal(invalid({ resource: 'PullRequest', code: 'invalid', field, message }));
}
