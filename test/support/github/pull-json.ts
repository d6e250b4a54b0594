import { userJson } from './actor-json.ts';
import { commitsBetween, filesBetween } from './history.ts';
import type { Json, JsonObject } from './json.ts';
import { labelJson } from './label-json.ts';
import { pageUrl, repositoryJson, repositoryUrl } from './repository-json.ts';
import type { Pull, World } from './world.ts';

/** `pull-request-simple`, as lists have it. */
export function pullSummaryJson(world: World, pull: Pull): JsonObject {
  const { number, author } = pull;
  const url = `${repositoryUrl(world)}/pulls/${number}`;
  const issue = `${repositoryUrl(world)}/issues/${number}`;
  const html = `${pageUrl(world)}/pull/${number}`;
  const statuses = `${repositoryUrl(world)}/statuses/${pull.headSha}`;
  const urls = {
    self: url,
    html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${repositoryUrl(world)}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses,
  };
  const { self: _, ...named } = urls;
  const side = (ref: string, sha: string) => ({
    label: `${world.owner}:${ref}`,
    ref,
    sha,
    user: userJson(world, world.owner),
    repo: repositoryJson(world),
  });
  return {
    url,
    id: 100_000 + number,
    node_id: `PR_${number}`,
    ...Object.fromEntries(Object.entries(named).map(([name, to]) => [`${name}_url`, to])),
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userJson(world, author),
    body: pull.body,
    // Only a label by itself may have null for its description.
    labels: pull.labels
      .flatMap((key) => labelJson(world, key))
      .map((label) => ({ ...label, description: label['description'] ?? '' })),
    milestone: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt ?? null,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.reviewers.map((login) => userJson(world, login)),
    requested_teams: pull.teamReviewers.map((slug) => teamJson(world, slug)),
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    _links: Object.fromEntries(Object.entries(urls).map(([name, href]) => [name, { href }])),
    author_association: author === world.owner ? 'OWNER' : 'COLLABORATOR',
    auto_merge: null,
    draft: pull.draft,
  };
}

/** `pull-request`, as it is alone. */
export function pullJson(world: World, pull: Pull): JsonObject {
  const files = filesBetween(world, pull.baseSha, pull.headSha);
  const sum = (key: 'additions' | 'deletions') => files.reduce((all, file) => all + Number(file[key]), 0);
  return {
    ...pullSummaryJson(world, pull),
    merged: pull.merged !== undefined,
    merged_by: pull.merged === undefined ? null : userJson(world, pull.merged.by),
    ...mergeability(world, pull),
    comments: [...world.comments.values()].filter(({ number }) => number === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: commitsBetween(world, pull.baseSha, pull.headSha).length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
}

function mergeability(world: World, pull: Pull): JsonObject {
  if (pull.state === 'closed') return { mergeable: null, rebaseable: null, mergeable_state: 'unknown' };
  const mergeable = world.git.mergeTrees(pull.baseSha, pull.headSha) !== undefined;
  const state = !mergeable ? 'dirty' : pull.draft ? 'draft' : 'clean';
  return { mergeable, rebaseable: mergeable, mergeable_state: state };
}

function teamJson(world: World, slug: string): Json {
  const url = `${world.origin}/api/v3/organizations/1/team/1`;
  return {
    id: 1,
    node_id: `T_${slug}`,
    url,
    html_url: `${world.origin}/orgs/${world.owner}/teams/${slug}`,
    name: slug,
    slug,
    description: null,
    privacy: 'closed',
    permission: 'pull',
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: null,
    type: 'organization',
  };
}
