import { isLoopback } from '../model/address.ts';
import { missingRemote } from './failure.ts';
import type { Git } from './git.ts';
import type { GitSetting } from './settings.ts';

/** Whom a git may send a token to. */
export interface TokenTarget {
  /** Name of the remote. */
  readonly remote: string;
  /** Origin that gets the token, as `https://github.com`. */
  readonly site: string;
  /** As `verifying` found them: keys by which servers may send git elsewhere. */
  readonly redirects: readonly string[];
}

/**
 * A git whose `fetch`, `ls-remote` and `push` send a token to one site, and nowhere else: neither to another server that a
 * remote is at, nor to one that the site redirects to, nor past a proxy in plain http. The token is in no argument, no URL and
 * no file.
 */
export function withToken(git: Git, { remote, site, redirects }: TokenTarget, token: string): Git {
  const header = `http.${site}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return git.withRemote([
    // A header that `actions/checkout` left in the repository's configuration is dropped, or git would send both.
    [header, ''],
    [header, `Authorization: Basic ${basic}`],
    // git would send it along. What is set for one server wins, so that is set again, too.
    ...['http.followRedirects', ...redirects].map((key): GitSetting => [key, 'false']),
    ...(isLoopback(new URL(site).hostname) ? [[`remote.${remote}.proxy`, ''] as const] : []),
  ]);
}

/** The environment with the CA that git verifies servers over https by. @param caPath `null`: the system's */
export function withCa(env: NodeJS.ProcessEnv, caPath: string | null): NodeJS.ProcessEnv {
  return caPath === null ? env : { ...env, GIT_SSL_CAINFO: caPath };
}

/** Where a remote is for fetches and for pushes, as git resolves it. @throws AppError `GIT_FAILED` */
export async function remoteUrls(git: Git, remote: string): Promise<readonly string[]> {
  const doing = `looking for the remote ${remote}`;
  // `<name>\t<url> (fetch)` and `(push)` for each, and ` [<filter>]` in a partial clone: git-remote(1).
  const lines = (await git.run(doing, 'remote', '--verbose')).split('\n');
  const urls = lines.flatMap((line) =>
    line.startsWith(`${remote}\t`) ? [line.slice(remote.length + 1).replace(/ \((fetch|push)\)( \[.*\])?$/, '')] : [],
  );
  if (urls.length === 0) throw missingRemote(remote);
  return [...new Set(urls)];
}
