import type { Git } from './git.ts';
import type { Setting } from './settings.ts';

/**
 * A token for a remote as configuration: it is in no argument, no URL and no file, and goes to this remote's server only. A
 * header that `actions/checkout` left in the repository's configuration is dropped, or git would send both.
 *
 * @param url of the remote; over anything but HTTP it has ways of its own, and nothing is set
 */
export function tokenSettings(url: string, token: string): readonly Setting[] {
  const server = URL.parse(url);
  if (server?.protocol !== 'https:' && server?.protocol !== 'http:') return [];
  const key = `http.${server.protocol}//${server.host}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return [
    [key, ''],
    [key, `Authorization: Basic ${basic}`],
  ];
}

/** The environment with the CA that git verifies servers over https by. @param caPath `null`: the system's */
export function withCa(env: NodeJS.ProcessEnv, caPath: string | null): NodeJS.ProcessEnv {
  return caPath === null ? env : { ...env, GIT_SSL_CAINFO: caPath };
}

/** Where a remote is, as git resolves it. @throws AppError `GIT_FAILED` */
export async function remoteUrl(git: Git, remote: string): Promise<string> {
  return (await git.run(`looking for the remote ${remote}`, 'remote', 'get-url', '--', remote)).trim();
}
