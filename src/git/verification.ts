import type { Git } from './git.ts';

/** A git that verifies the certificates of servers, and what the caller has set against that. */
export interface Verifying {
  readonly git: Git;
  /** The variable and the keys that are ignored, as a user wrote them. */
  readonly ignored: readonly string[];
}

/**
 * Puts the verification of certificates back where it is turned off: by `http.sslVerify` or `http.<url>.sslVerify` in any
 * file, which are set again as the last one counts (git-config(1)), or by `GIT_SSL_NO_VERIFY`, which git does not get.
 */
export async function verifying(git: Git, env: NodeJS.ProcessEnv): Promise<Verifying> {
  const said = (await git.ask('config', '--null', '--get-regexp', '^http\\.(.*\\.)?sslverify$')) ?? '';
  const keys = said.split('\0').flatMap((entry) => {
    // A key without a value is true, and one with an empty value is false.
    const [key = '', value] = entry.split('\n', 2);
    return value !== undefined && /^(|false|no|off|0+)$/i.test(value) ? [key] : [];
  });
  const off = [...new Set(keys)];
  return {
    git: off.length === 0 ? git : git.withRemote(off.map((key) => [key, 'true'])),
    ignored: [...(env['GIT_SSL_NO_VERIFY'] === undefined ? [] : ['GIT_SSL_NO_VERIFY']), ...off],
  };
}
