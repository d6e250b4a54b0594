import { isLoopback } from '../model/address.ts';
import { readSettings } from './config.ts';
import type { Git } from './git.ts';
import type { GitSetting } from './settings.ts';

/**
 * A git whose `fetch`, `ls-remote` and `push` send a token to one site, and nowhere else: neither to another server that a
 * remote is at, nor to one that the site redirects to, nor past a proxy in plain http. The token is in no argument, no URL and
 * no file.
 *
 * @param remote its name
 * @param site origin that gets the token, as `https://github.com`
 * @throws AppError `GIT_FAILED`
 */
export async function withToken(git: Git, remote: string, site: string, token: string): Promise<Git> {
  const header = `http.${site}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const redirects = await readSettings(git, '^http\\.(.*\\.)?followredirects$');
  return git.withRemote([
    // A header that `actions/checkout` left in the repository's configuration is dropped, or git would send both.
    [header, ''],
    [header, `Authorization: Basic ${basic}`],
    // git would send it along. What is set for one server wins, so that is set again, too.
    ...['http.followRedirects', ...redirects.map(([key]) => key)].map((key): GitSetting => [key, 'false']),
    ...(isLoopback(new URL(site).hostname) ? [[`remote.${remote}.proxy`, ''] as const] : []),
  ]);
}

/** The environment with the CA that git verifies servers over https by. @param caPath `null`: the system's */
export function withCa(env: NodeJS.ProcessEnv, caPath: string | null): NodeJS.ProcessEnv {
  return caPath === null ? env : { ...env, GIT_SSL_CAINFO: caPath };
}

/** Where a remote is for fetches and for pushes, as git resolves it. @throws AppError `GIT_FAILED` */
export async function remoteUrls(git: Git, remote: string): Promise<readonly string[]> {
  const [fetched, pushed] = await Promise.all(
    [[], ['--push']].map((to) =>
      git.run(`looking for the remote ${remote}`, 'remote', 'get-url', '--all', ...to, '--', remote),
    ),
  );
  return [...new Set(`${fetched}${pushed}`.trimEnd().split('\n'))];
}
