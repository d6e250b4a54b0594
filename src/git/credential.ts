import type { Git } from './git.ts';

/**
 * The environment with a token for a remote, handed over as configuration: it is in no argument, no URL and no file, and
 * goes to this remote's server only. A header that `actions/checkout` left in the repository's configuration is dropped,
 * or git would send both.
 *
 * @param url of the remote; over anything but HTTP it has ways of its own, and nothing is added
 */
export function withToken(env: NodeJS.ProcessEnv, url: string, token: string): NodeJS.ProcessEnv {
  const server = URL.parse(url);
  if (server?.protocol !== 'https:' && server?.protocol !== 'http:') return env;
  const key = `http.${server.protocol}//${server.host}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const first = Number(env['GIT_CONFIG_COUNT'] ?? 0);
  return {
    ...env,
    GIT_CONFIG_COUNT: String(first + 2),
    [`GIT_CONFIG_KEY_${first}`]: key,
    [`GIT_CONFIG_VALUE_${first}`]: '',
    [`GIT_CONFIG_KEY_${first + 1}`]: key,
    [`GIT_CONFIG_VALUE_${first + 1}`]: `Authorization: Basic ${basic}`,
  };
}

/** Where a remote is, as git resolves it. @throws AppError `GIT_FAILED` */
export async function remoteUrl(git: Git, remote: string): Promise<string> {
  return (await git.run(`looking for the remote ${remote}`, 'remote', 'get-url', '--', remote)).trim();
}
