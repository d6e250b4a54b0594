/** A key and a value, as in git-config(1). */
export type GitSetting = readonly [key: string, value: string];

/**
 * What a user's configuration must not change: which repository is meant, what git starts, and what its output means. They
 * are handed over on top of all files, and of `GIT_CONFIG_COUNT` of the caller.
 */
export const ownSettings: readonly GitSetting[] = [
  // A commit can hold `HEAD`, `config` and `objects/` in any folder: no repository of ours. Needs git 2.38.
  ['safe.bareRepository', 'explicit'],
  // Hooks may be files of a commit (`core.hooksPath=.husky`), and none of them has a say in what is proposed.
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['push.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  // Ours are read back from `Key: text` lines.
  ['trailer.separators', ':'],
  ['core.commentChar', '#'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['log.follow', 'false'],
  ['log.showRoot', 'true'],
  ['log.diffMerges', 'separate'],
  ['diff.renames', 'true'],
  ['diff.relative', 'false'],
  ['diff.ignoreSubmodules', 'none'],
  ['merge.renames', 'true'],
  ['merge.directoryRenames', 'conflict'],
  ['color.ui', 'false'],
];

/** The commands that reach a remote: they alone get its token. */
export const remoteCommands: ReadonlySet<string> = new Set(['fetch', 'ls-remote', 'push']);
