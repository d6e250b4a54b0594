import { flagOf, readSettings } from './config.ts';
import type { Git } from './git.ts';

/** A git that verifies the certificates of servers, and what the caller has set against that. */
export interface Verifying {
  readonly git: Git;
  /** The variable and the keys that are ignored, as a user wrote them. */
  readonly ignored: readonly string[];
  /** The keys by which the caller lets servers send git elsewhere, as `http.<url>.followredirects`. */
  readonly redirects: readonly string[];
}

/**
 * Puts the verification of certificates back where it is turned off: by `http.sslVerify` or `http.<url>.sslVerify` in any
 * file, which are all set again as the last one counts (git-config(1)), or by `GIT_SSL_NO_VERIFY`, which git does not get.
 * Nothing else in git turns it off: proxies are always verified, and which CAs to trust is the user's choice.
 *
 * @throws AppError `GIT_FAILED`
 */
export async function verifying(git: Git, env: NodeJS.ProcessEnv): Promise<Verifying> {
  const settings = await readSettings(git, '^http\\.(.*\\.)?(sslverify|followredirects)$');
  const redirects = settings.flatMap(([key]) => (key.endsWith('.followredirects') ? [key] : []));
  const flags = new Map(
    settings.flatMap((setting) => (redirects.includes(setting[0]) ? [] : [[setting[0], flagOf(setting)]])),
  );
  const off = [...flags].flatMap(([key, on]) => (on ? [] : [key]));
  return {
    git: flags.size === 0 ? git : git.withRemote([...flags.keys()].map((key) => [key, 'true'])),
    ignored: [...(env['GIT_SSL_NO_VERIFY'] === undefined ? [] : ['GIT_SSL_NO_VERIFY']), ...off],
    redirects,
  };
}
