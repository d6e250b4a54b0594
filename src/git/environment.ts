/**
 * The environment git runs in: the caller's, without what would point git at another repository or open an editor, and
 * with what makes it fail instead of asking.
 *
 * Running inside a hook sets `GIT_DIR` and `GIT_INDEX_FILE`; inheriting them would make us read and write elsewhere.
 */
export function gitEnvironment(from: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, text] of Object.entries(from)) {
    if (text !== undefined && (kept.test(name) || !dropped.test(name))) environment[name] = text;
  }
  return {
    ...patience,
    ...environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
  };
}

/** A server that sends less than a byte a second for two minutes has hung up; git itself would wait for ever. */
const patience = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '120' };

/** How the caller reaches a remote: ssh, credentials, configuration handed over in the environment, tracing. */
const kept = /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|CONFIG_.+|SSL_.+|PROXY_SSL_.+|HTTP_.+|TRACE.*|CURL_VERBOSE)$/;
const dropped = /^(GIT_.*|.*EDITOR|VISUAL|PAGER|LC_ALL|LANGUAGE)$/;

/**
 * What simple-git's guard would refuse although the caller has set it for git on purpose: in the environment, also as
 * configuration (`GIT_CONFIG_COUNT`), which is how CI hands over credentials. Our own arguments hold nothing of the kind.
 */
export const callerMaySet = {
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeInclude: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
} as const;
