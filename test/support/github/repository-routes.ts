import { publicUserJson, userJson } from './actor-json.ts';
import { notFound, ok, refused } from './answer.ts';
import { commitJson } from './history.ts';
import type { Json, JsonObject } from './json.ts';
import { cut } from './page.ts';
import { fullRepositoryJson, pageUrl, repositoryJson, repositoryUrl } from './repository-json.ts';
import { loginOf } from './request.ts';
import type { Routes } from './route.ts';
import type { WorkflowRun, World } from './world.ts';

export const repositoryRoutes: Routes = {
  'GET /user': {
    needs: 'token',
    answer: (call) =>
      call.caller.kind === 'token' && call.caller.token.kind === 'user'
        ? ok(publicUserJson(call.world, loginOf(call)))
        : refused(403, 'Resource not accessible by integration'),
  },
  'GET /rate_limit': {
    needs: 'nothing',
    answer: ({ world }) => {
      const reset = Math.ceil(world.now().getTime() / 1000) + 3600;
      const limit = { limit: 5000, remaining: 4999, reset, used: 1 };
      return ok({ resources: { core: limit, search: { ...limit, limit: 30, remaining: 30, used: 0 } }, rate: limit });
    },
  },
  'GET /repos/{owner}/{repo}': {
    needs: ['metadata=read'],
    answer: ({ world, caller }) => {
      const scopes = caller.kind === 'token' ? caller.token.scopes : undefined;
      const headers = scopes === undefined ? {} : { 'X-OAuth-Scopes': scopes };
      return ok(fullRepositoryJson(world, caller), headers);
    },
  },
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': {
    needs: ['actions=read'],
    answer: (call) => {
      const { world, params, query } = call;
      const file = params['workflow_id'] ?? '';
      const all = world.workflowRuns.filter(({ workflow }) => workflow === file);
      if (all.length === 0) return notFound();
      const status = query.get('status');
      const wanted = all.filter((run) => status === null || run.status === status || run.conclusion === status);
      const newestFirst = wanted.toSorted((a, b) => (a.at < b.at ? 1 : -1));
      const { items, headers } = cut(call, newestFirst);
      const runs: Json = items.map((run) => workflowRunJson(world, run));
      return ok({ total_count: wanted.length, workflow_runs: runs }, headers);
    },
  },
};

function workflowRunJson(world: World, run: WorkflowRun): JsonObject {
  const id = 5000 + world.workflowRuns.indexOf(run);
  const url = `${repositoryUrl(world)}/actions/runs/${id}`;
  const sha = world.seen.get(world.base) ?? '';
  const { commit } = commitJson(world, sha) as { readonly commit: { readonly [key: string]: Json } };
  const { tree, message, author, committer } = commit;
  const below = ['jobs', 'logs', 'cancel', 'rerun', 'artifacts'].map((name) => [`${name}_url`, `${url}/${name}`]);
  return {
    id,
    node_id: `WFR_${id}`,
    name: run.workflow,
    head_branch: world.base,
    head_sha: sha,
    path: `.github/workflows/${run.workflow}`,
    display_title: run.workflow,
    run_number: world.workflowRuns.indexOf(run) + 1,
    event: run.event ?? 'schedule',
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: 77,
    workflow_url: `${repositoryUrl(world)}/actions/workflows/77`,
    check_suite_url: `${repositoryUrl(world)}/check-suites/${id}`,
    url,
    html_url: `${pageUrl(world)}/actions/runs/${id}`,
    ...Object.fromEntries(below),
    pull_requests: [],
    created_at: run.at,
    updated_at: run.at,
    actor: userJson(world, world.owner),
    head_commit: {
      id: sha,
      tree_id: (tree as JsonObject)['sha'] ?? '',
      message: message ?? '',
      timestamp: run.at,
      author: withoutDate(author),
      committer: withoutDate(committer),
    },
    repository: repositoryJson(world),
    head_repository: repositoryJson(world),
  };
}

function withoutDate(who: Json | undefined): Json {
  const { name, email } = who as JsonObject;
  return { name: name ?? '', email: email ?? '' };
}
