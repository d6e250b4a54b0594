import { AppError } from '../model/error.ts';
import type { GitSetting } from './settings.ts';

/**
 * The environment that git runs in: of the caller's only what is listed here, so that no secret of another system reaches it
 * or what it starts, and what makes it fail instead of asking.
 *
 * Not in the list: what would point git at another repository (a hook sets `GIT_DIR` and `GIT_INDEX_FILE`), turn verification
 * off (`GIT_SSL_NO_VERIFY`), open an editor, or change its language.
 *
 * @param settings configuration on top of what the caller sets with `GIT_CONFIG_COUNT`, git-config(1)
 * @throws AppError `GIT_FAILED` when `GIT_CONFIG_COUNT` is no number
 */
export function gitEnvironment(from: NodeJS.ProcessEnv, settings: readonly GitSetting[] = []): Record<string, string> {
  const passed = Object.entries(from).flatMap(([name, text]) =>
    text !== undefined && allowed.test(name) ? [[name, text] as const] : [],
  );
  return {
    ...patience,
    ...Object.fromEntries(passed),
    ...configuration([...callerSettings(from), ...settings]),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    // A ref below refs/replace would show another object under an id.
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  };
}

/** A server that sends less than a byte a second for two minutes has hung up; git itself would wait for ever. */
const patience = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '120' };

const allowed = new RegExp(
  `^(${[
    // Where programs, configuration and temporary files are, and who runs this (git asks for the owner of a repository).
    'PATH|HOME|USER|LOGNAME|SUDO_UID|TMPDIR|TMP|TEMP|XDG_(CONFIG|CACHE)_HOME|XDG_RUNTIME_DIR|(DY)?LD_LIBRARY_PATH',
    'SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|(LOCAL)?APPDATA|PROGRAM(DATA|FILES)',
    'GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)',
    // How the caller reaches a remote: ssh, credentials, proxies, certificates.
    'GIT_SSH(_COMMAND|_VARIANT)?|SSH_(AUTH_SOCK|AGENT_PID|ASKPASS|ASKPASS_REQUIRE)|GIT_ASKPASS',
    'DISPLAY|WAYLAND_DISPLAY|DBUS_SESSION_BUS_ADDRESS|KRB5CCNAME|KRB5_CONFIG',
    'https?_proxy|HTTPS?_PROXY|(no|all)_proxy|(NO|ALL)_PROXY|GIT_HTTP_.+|GIT_PROXY_SSL_.+',
    'GIT_SSL_(?!NO_VERIFY$).+|(NIX_)?SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE',
    'GIT_TRACE.*|GIT_CURL_VERBOSE',
  ].join('|')})$`,
);

/** What the caller sets in the environment, which is how CI hands over credentials. */
function callerSettings(from: NodeJS.ProcessEnv): readonly GitSetting[] {
  const count = from['GIT_CONFIG_COUNT'] || '0';
  if (!/^\d{1,4}$/.test(count)) {
    throw new AppError('GIT_FAILED', `reading GIT_CONFIG_COUNT: ${JSON.stringify(count)} is not a number`, {
      next: 'correct or unset that environment variable',
    });
  }
  return Array.from({ length: Number(count) }, (_, at) => [
    from[`GIT_CONFIG_KEY_${at}`] ?? '',
    from[`GIT_CONFIG_VALUE_${at}`] ?? '',
  ]);
}

function configuration(settings: readonly GitSetting[]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}
