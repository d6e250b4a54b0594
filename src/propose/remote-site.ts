import type { Config } from '../config/types.ts';
import { remoteUrls } from '../git/credential.ts';
import type { Git } from '../git/git.ts';
import { apiUrlOf, checkRemoteUrl, siteOf } from './github/address.ts';

/**
 * The site that git may send the token for GitHub to, as `https://github.com`. A remote over ssh, say, needs none.
 *
 * @throws AppError `CONFIG_INVALID` where the remote, for fetches or pushes, is on another one; `GIT_FAILED`
 */
export async function siteOfRemote(
  git: Git,
  remote: string,
  { forge }: Pick<Config, 'forge'>,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const api = apiUrlOf(forge, env);
  for (const url of await remoteUrls(git, remote)) checkRemoteUrl(remote, url, api, forge.repository ?? '');
  return siteOf(api);
}
