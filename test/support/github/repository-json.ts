import { longAgo, userJson } from './actor-json.ts';
import { type Caller, may } from './caller.ts';
import type { JsonObject } from './json.ts';
import type { World } from './world.ts';

/** `https://HOST/api/v3/repos/OWNER/REPO` */
export function repositoryUrl(world: World): string {
  return `${world.origin}/api/v3/repos/${world.owner}/${world.repository}`;
}

/** `https://HOST/OWNER/REPO` */
export function pageUrl(world: World): string {
  return `${world.origin}/${world.owner}/${world.repository}`;
}

/** `repository`, as it stands in other things. */
export function repositoryJson(world: World): JsonObject {
  const url = repositoryUrl(world);
  const html = pageUrl(world);
  const fullName = `${world.owner}/${world.repository}`;
  return {
    id: 1_296_269,
    node_id: 'R_1296269',
    name: world.repository,
    full_name: fullName,
    owner: userJson(world, world.owner),
    private: true,
    html_url: html,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(below).map(([name, path]) => [`${name}_url`, `${url}/${path}`])),
    clone_url: `${html}.git`,
    git_url: `git://${new URL(world.origin).host}/${fullName}.git`,
    ssh_url: `git@${new URL(world.origin).hostname}:${fullName}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    default_branch: world.base,
    open_issues: 0,
    open_issues_count: 0,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: world.archived,
    disabled: false,
    pushed_at: longAgo,
    created_at: longAgo,
    updated_at: longAgo,
  };
}

/** `full-repository`, with what the caller may do. */
export function fullRepositoryJson(world: World, caller: Caller): JsonObject {
  const permissions = caller.kind === 'token' ? caller.token.permissions : {};
  const push = may(permissions, 'contents=write');
  const admin = may(permissions, 'administration=write');
  return {
    ...repositoryJson(world),
    permissions: { admin, maintain: admin, push, triage: push, pull: may(permissions, 'contents=read') },
    network_count: 0,
    subscribers_count: 0,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
  };
}

const below = {
  archive: '{archive_format}{/ref}',
  assignees: 'assignees{/user}',
  blobs: 'git/blobs{/sha}',
  branches: 'branches{/branch}',
  collaborators: 'collaborators{/collaborator}',
  comments: 'comments{/number}',
  commits: 'commits{/sha}',
  compare: 'compare/{base}...{head}',
  contents: 'contents/{+path}',
  contributors: 'contributors',
  deployments: 'deployments',
  downloads: 'downloads',
  events: 'events',
  forks: 'forks',
  git_commits: 'git/commits{/sha}',
  git_refs: 'git/refs{/sha}',
  git_tags: 'git/tags{/sha}',
  hooks: 'hooks',
  issue_comment: 'issues/comments{/number}',
  issue_events: 'issues/events{/number}',
  issues: 'issues{/number}',
  keys: 'keys{/key_id}',
  labels: 'labels{/name}',
  languages: 'languages',
  merges: 'merges',
  milestones: 'milestones{/number}',
  notifications: 'notifications{?since,all,participating}',
  pulls: 'pulls{/number}',
  releases: 'releases{/id}',
  stargazers: 'stargazers',
  statuses: 'statuses/{sha}',
  subscribers: 'subscribers',
  subscription: 'subscription',
  tags: 'tags',
  teams: 'teams',
  trees: 'git/trees{/sha}',
} as const;
