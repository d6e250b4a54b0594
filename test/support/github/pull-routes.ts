import { created, notFound, ok, Refusal } from './answer.ts';
import { commitJson, commitsBetween, filesBetween } from './history.ts';
import { page } from './page.ts';
import { changePull } from './pull-changes.ts';
import { pullJson, pullSummaryJson } from './pull-json.ts';
import { listPulls } from './pull-list.ts';
import { openPull } from './pull-opening.ts';
import { requestReviews } from './pull-reviews.ts';
import type { Call, Routes } from './route.ts';
import { type Pull, pullOf } from './world.ts';

const read = ['pull_requests=read'];
const write = ['pull_requests=write'];

export const pullRoutes: Routes = {
  'GET /repos/{owner}/{repo}/pulls': {
    needs: read,
    answer: (call) => page(call, listPulls(call), (pull) => pullSummaryJson(call.world, pull)),
  },
  'POST /repos/{owner}/{repo}/pulls': {
    needs: write,
    answer: (call) => {
      const pull = openPull(call);
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
