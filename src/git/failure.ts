import { AppError } from '../model/error.ts';
import { oldestGit } from './oldest-git.ts';
import { redirected } from './redirected.ts';
import { refusedCredentials } from './refused-credentials.ts';

/**
 * What to throw where git failed: its own words, without passwords that a remote's URL may hold, and what to do. No cause is
 * kept: it would have the words as they were.
 *
 * @param next what to do where the words do not say better
 */
export function gitFailed(doing: string, words: string, next?: string): AppError {
  if (/spawn git ENOENT/.test(words)) {
    return new AppError('GIT_FAILED', `${doing}: git is not installed, or not on PATH`, {
      next: `install git ${oldestGit} or newer, or add its folder to PATH`,
    });
  }
  const known = refusedCredentials(doing, words) ?? redirected(doing, words);
  if (known !== undefined) return known;
  // git indents what to type by a tab.
  const said = (words.trim() || 'git failed without a message')
    .replace(/(\w+:\/\/)[^/\s]+@/g, '$1***@')
    .replaceAll('\t', '  ');
  const hint = hints.find(([pattern]) => pattern.test(words))?.[1] ?? next;
  return new AppError('GIT_FAILED', `${doing}: ${said}`, hint === undefined ? {} : { next: hint });
}

/** A remote that the repository does not have: git takes its name for a path, and says that nothing is there. */
export function missingRemote(remote: string): AppError {
  const next = `add it with git remote add ${remote} URL, or set forge.remote`;
  return new AppError('GIT_FAILED', `the repository has no remote ${remote}`, { next });
}

const hints: readonly (readonly [words: RegExp, next: string])[] = [
  [
    /SSL certificate problem|certificate verif\w+ failed|server certificate|self[- ]signed certificate|issuer certificate/i,
    'set forge.caPath to a PEM file with the CA of the server',
  ],
  [
    /No such remote|does not appear to be a git repository/,
    'add the remote with git remote add, or correct its URL or forge.remote',
  ],
  [
    /Could not resolve host|Failed to connect|Couldn't connect|Connection timed out|Network is unreachable/i,
    'check the network, the proxy and the URL of the remote',
  ],
  [
    /\.lock': File exists/,
    'run again when the git process that holds the lock has ended; a stale lock is removed after a minute (packed-refs.lock and shallow.lock after ten)',
  ],
];
