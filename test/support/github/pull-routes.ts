import { created, invalid, notFound, ok, Refusal, refused } from './answer.ts';
import { may } from './caller.ts';
import { commitJson, commitsBetween, filesBetween } from './history.ts';
import { isObject, textOf, textsOf } from './json.ts';
import { page } from './page.ts';
import { changePull } from './pull-changes.ts';
import { pullJson, pullSummaryJson } from './pull-json.ts';
import { checkText, loginOf } from './request.ts';
import type { Call, Routes } from './route.ts';
import { type Pull, pullOf, pullsOf, stampOf } from './world.ts';

const read = ['pull_requests=read'];
const write = ['pull_requests=write'];

export const pullRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls': {
    needs: read,
    answer: (call) => page(call, listed(call), (pull) => pullSummaryJson(call.world, pull)),
  },
  'POST /repos/{owner}/{repo}/pulls': {
    needs: write,
    answer: (call) => {
      const pull = open(call);
      return created(pullJson(call.world, pull), { Location: `${call.url.href}/${pull.number}` });
    },
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': {
    needs: read,
    answer: (call) => ok(pullJson(call.world, asked(call))),
  },
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': {
    needs: write,
    answer: (call) => {
      const pull = asked(call);
      changePull(call, pull);
      return ok(pullJson(call.world, pull));
    },
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits': {
    needs: read,
    answer: (call) => {
      const { baseSha, headSha } = asked(call);
      const commits = commitsBetween(call.world, baseSha, headSha).slice(0, mostCommits);
      return page(call, commits, (sha) => commitJson(call.world, sha));
    },
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': {
    needs: read,
    answer: (call) => {
      const { baseSha, headSha } = asked(call);
      return page(call, filesBetween(call.world, baseSha, headSha).slice(0, mostFiles), (file) => file);
    },
  },
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': {
    needs: write,
    answer: (call) => {
      const pull = asked(call);
      requestReviews(call, pull);
      return created(pullSummaryJson(call.world, pull));
    },
  },
};

/** What the API shows at the very most, on all pages together. */
const mostCommits = 250;
const mostFiles = 3000;

function asked({ world, params }: Call): Pull {
  const pull = pullOf(world, Number(params['pull_number']));
  if (pull === undefined) throw new Refusal(notFound());
  return pull;
}

function listed({ world, query }: Call): readonly Pull[] {
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  // A head without its owner is no filter at all.
  const [owner, head] = splitHead(query.get('head') ?? '');
  const visible = pullsOf(world).filter((pull) => {
    if (pull.hiddenFromLists === 0) return true;
    pull.hiddenFromLists -= 1;
    return false;
  });
  const wanted = visible.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (base === null || pull.base === base) &&
      (owner === undefined || (owner.toLowerCase() === world.owner.toLowerCase() && pull.head === head)),
  );
  const sort = query.get('sort') ?? 'created';
  const byTime = (pull: Pull) => (sort === 'updated' ? pull.updatedAt : pull.createdAt);
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc');
  const sign = direction === 'asc' ? 1 : -1;
  return wanted.sort((a, b) => sign * (byTime(a) < byTime(b) ? -1 : byTime(a) > byTime(b) ? 1 : a.number - b.number));
}

/** `owner:branch` → both; without a colon the branch alone. */
function splitHead(head: string): readonly [string | undefined, string] {
  const colon = head.indexOf(':');
  return colon === -1 ? [undefined, head] : [head.slice(0, colon), head.slice(colon + 1)];
}

function open(call: Call): Pull {
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
  world.git.setRef(`refs/pull/${number}/head`, headSha);
  return pull;
}

function requestReviews({ world, caller, body }: Call, pull: Pull): void {
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

function refusal(detail: { readonly code: 'custom' | 'invalid' | 'missing_field'; field?: string; message?: string }) {
  return new Refusal(invalid({ resource: 'PullRequest', ...detail }));
}
