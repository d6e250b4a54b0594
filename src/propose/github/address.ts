import type { ForgeConfig } from '../../config/types.ts';
import { isProtected } from '../../model/address.ts';
import { AppError } from '../../model/error.ts';

/**
 * Base URL of the API, without a slash at its end: `https://api.github.com`, `https://api.<name>.ghe.com`, or
 * `https://<host>/api/v3`.
 *
 * @throws AppError `CONFIG_INVALID` when `GITHUB_API_URL` leads where a token must not go
 */
export function apiUrlOf({ apiUrl }: Pick<ForgeConfig, 'apiUrl'>, env: NodeJS.ProcessEnv): string {
  const url = apiUrl ?? (env['GITHUB_API_URL'] || 'https://api.github.com');
  if (isProtected(url)) return url.replace(/\/+$/, '');
  throw new AppError('CONFIG_INVALID', 'GITHUB_API_URL must be https: plain http is accepted on loopback only', {
    next: 'set it to a URL such as https://github.example.com/api/v3, or set forge.apiUrl',
  });
}

/** Where people and git go, as `https://github.com`. @param api base URL of the API */
export function siteOf(api: string): string {
  const { protocol, host } = new URL(api);
  // Elsewhere a leading "api." is part of the name: without it, the host would be another one.
  const own = /^api\.(github\.com|[^.]+\.ghe\.com)$/.exec(host)?.[1];
  return `${protocol}//${own ?? host}`;
}

/**
 * Where a person opens a pull request: what the API refuses, the site may allow.
 *
 * @param api base URL of the API
 * @param repository `owner/name`
 */
export function compareUrl(api: string, repository: string, base: string, branch: string): string {
  const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');
  return `${siteOf(api)}/${path(repository)}/compare/${path(base)}...${path(branch)}?expand=1`;
}

/**
 * Checks that a git remote is on the site of the API. Over anything but HTTP, as ssh, it gets no token, and may be anywhere.
 *
 * @param url of the remote
 * @throws AppError `CONFIG_INVALID` for another host, and for plain http: the token must not go there
 */
export function checkRemoteUrl(remote: string, url: string, api: string, repository: string): void {
  const server = URL.parse(url);
  const site = siteOf(api);
  if (!/^https?:$/.test(server?.protocol ?? '') || server === null || server.origin === site) return;
  const move = `run git remote set-url ${remote} ${site}/${repository}.git`;
  if (`https://${server.host}` === site) {
    throw new AppError('CONFIG_INVALID', `the remote ${remote} is at ${server.origin}: a token needs https`, {
      next: move,
    });
  }
  throw new AppError('CONFIG_INVALID', `the remote ${remote} is at ${server.origin}, but the API of ${site} is used`, {
    next: `${move}, or set forge.apiUrl (or GITHUB_API_URL) to the API of ${server.host}`,
  });
}
