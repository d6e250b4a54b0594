import type { App, Permissions } from './caller.ts';
import type { JsonObject } from './json.ts';
import type { World } from './world.ts';

/** `simple-user` */
export function userJson(world: World, login: string): JsonObject {
  const url = `${world.origin}/api/v3/users/${encodeURIComponent(login)}`;
  const below = [
    'followers',
    'following',
    'gists',
    'starred',
    'subscriptions',
    'organizations:orgs',
    'repos',
    'events',
    'received_events',
  ].map((entry) => {
    const [name = '', path = name] = entry.split(':');
    return [`${name}_url`, `${url}/${path}`];
  });
  return {
    login,
    id: numberFor(login),
    node_id: `U_${login}`,
    avatar_url: `${world.origin}/avatars/${encodeURIComponent(login)}`,
    gravatar_id: '',
    url,
    html_url: `${world.origin}/${encodeURIComponent(login)}`,
    ...Object.fromEntries(below),
    type: login === world.owner ? 'Organization' : login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

/** `public-user` */
export function publicUserJson(world: World, login: string): JsonObject {
  const nothing = { bio: null, blog: null, company: null, email: null, hireable: null, location: null, name: null };
  const counts = { followers: 0, following: 0, public_gists: 0, public_repos: 0 };
  return { ...userJson(world, login), ...nothing, ...counts, created_at: longAgo, updated_at: longAgo };
}

/** `integration` */
export function appJson(world: World, app: App): JsonObject {
  return {
    id: app.id,
    slug: app.slug,
    node_id: `A_${app.id}`,
    owner: userJson(world, world.owner),
    name: app.slug,
    description: null,
    external_url: world.origin,
    html_url: `${world.origin}/apps/${app.slug}`,
    created_at: longAgo,
    updated_at: longAgo,
    permissions: permissionsJson(app.permissions),
    events: [],
  };
}

/** `installation` */
export function installationJson(world: World, app: App): JsonObject {
  const url = `${world.origin}/api/v3/app/installations/${app.installationId}`;
  return {
    id: app.installationId,
    account: userJson(world, world.owner),
    app_id: app.id,
    app_slug: app.slug,
    target_id: numberFor(world.owner),
    target_type: 'Organization',
    single_file_name: null,
    repository_selection: 'selected',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${world.origin}/api/v3/installation/repositories`,
    html_url: `${world.origin}/organizations/${world.owner}/settings/installations/${app.installationId}`,
    permissions: permissionsJson(app.permissions),
    events: [],
    created_at: longAgo,
    updated_at: longAgo,
    suspended_by: null,
    suspended_at: null,
  };
}

export function permissionsJson(permissions: Permissions): JsonObject {
  return { ...permissions };
}

export const longAgo = '2024-01-01T00:00:00Z';

/** The same name has the same number. */
function numberFor(login: string): number {
  return [...login].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7);
}
