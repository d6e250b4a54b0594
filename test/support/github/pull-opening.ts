import { invalid, Refusal } from './answer.ts';
import { isObject, textOf } from './json.ts';
import { splitHead } from './pull-list.ts';
import { checkText, loginOf } from './request.ts';
import type { Call } from './route.ts';
import { type Pull, pullsOf, stampOf } from './world.ts';

/** Opens a new pull request. @throws Refusal */
export function openPull(call: Call): Pull {
  const { world, body } = call;
  const title = textOf(body, 'title') ?? '';
  if (title.trim() === '') throw refusal({ code: 'missing_field', field: 'title' });
  checkText('PullRequest', { title, body: textOf(body, 'body') });
  const [owner = world.owner, head] = splitHead(textOf(body, 'head') ?? '');
  const base = textOf(body, 'base') ?? '';
  const headSha = owner.toLowerCase() === world.owner.toLowerCase() ? world.seen.get(head) : undefined;
  const baseSha = world.seen.get(base);
  if (headSha === undefined) throw refusal({ code: 'invalid', field: 'head' });
  if (baseSha === undefined) throw refusal({ code: 'invalid', field: 'base' });
  const twin = pullsOf(world).some((pull) => pull.state === 'open' && pull.head === head && pull.base === base);
  if (twin) {
    throw refusal({ code: 'custom', message: `A pull request already exists for ${world.owner}:${head}.` });
  }
  if (world.git.contains(baseSha, headSha)) {
    throw refusal({ code: 'custom', message: `No commits between ${base} and ${head}` });
  }
  const number = world.threads.size + 1;
  const now = stampOf(world);
  const pull: Pull = {
    kind: 'pull',
    number,
    author: loginOf(call),
    title,
    body: textOf(body, 'body') ?? null,
    state: 'open',
    createdAt: now,
    updatedAt: now,
    labels: [],
    head,
    base,
    headSha,
    baseSha,
    draft: isObject(body) && body['draft'] === true,
    maintainerCanModify: !isObject(body) || body['maintainer_can_modify'] !== false,
    reviewers: [],
    teamReviewers: [],
    hiddenFromLists: 0,
  };
  world.threads.set(number, pull);
  world.git.keep(`refs/pull/${number}/head`, headSha);
  return pull;
}

function refusal(detail: { readonly code: 'custom' | 'invalid' | 'missing_field'; field?: string; message?: string }) {
  return new Refusal(invalid({ resource: 'PullRequest', ...detail }));
}
