import { flagOf, readSettings } from './config.ts';
import type { Git } from './git.ts';
import type { GitSetting } from './settings.ts';

/** A git that verifies the certificates of servers and does not wait for ever, and what the caller has set against that. */
export interface Verifying {
  readonly git: Git;
  /** The variable and the keys that are ignored, as a user wrote them. */
  readonly ignored: readonly string[];
  /** The keys by which the caller lets servers send git elsewhere, as `http.<url>.followredirects`. */
  readonly redirects: readonly string[];
}

/** How a caller says which ssh git starts. */
const sshVariables = ['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT'];

/** As long as git waits over https: ssh itself waits for ever for a server that is gone (ssh_config(5)). */
const patientSsh: GitSetting = [
  'core.sshCommand',
  'ssh -o ConnectTimeout=30 -o ServerAliveInterval=30 -o ServerAliveCountMax=4',
];

/**
 * Puts the verification of certificates back where it is turned off: by `http.sslVerify` or `http.<url>.sslVerify` in any
 * file, which are all set again as the last one counts (git-config(1)), or by `GIT_SSL_NO_VERIFY`, which git does not get.
 * Nothing else in git turns it off: proxies are always verified, and which CAs to trust is the user's choice.
 *
 * ssh gets a time limit, unless the caller says how it is called.
 *
 * @throws AppError `GIT_FAILED`
 */
export async function verifying(git: Git, env: NodeJS.ProcessEnv): Promise<Verifying> {
  const read = await readSettings(
    git,
    '^(core\\.sshcommand|ssh\\.variant|http\\.(.*\\.)?(sslverify|followredirects))$',
  );
  const settings = read.filter(([key]) => key.startsWith('http.'));
  const isSshSet = read.length > settings.length || sshVariables.some((name) => env[name] !== undefined);
  const redirects = settings.flatMap(([key]) => (key.endsWith('.followredirects') ? [key] : []));
  const flags = new Map(
    settings.flatMap((setting) => (redirects.includes(setting[0]) ? [] : [[setting[0], flagOf(setting)]])),
  );
  const off = [...flags].flatMap(([key, on]) => (on ? [] : [key]));
  const verified = [...flags.keys()].map((key) => [key, 'true'] as const);
  return {
    git: git.withRemote([...verified, ...(isSshSet ? [] : [patientSsh])]),
    ignored: [...(env['GIT_SSL_NO_VERIFY'] === undefined ? [] : ['GIT_SSL_NO_VERIFY']), ...off],
    redirects,
  };
}
