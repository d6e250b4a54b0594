import { AppError } from '../model/error.ts';

/**
 * git's words where a server answered 401 over HTTP. git then wants to ask for a name, and complains that it cannot: that
 * hides a token which the server has refused.
 */
const unauthorized =
  /could not read (?:Username|Password) for '([^']*)'|Authentication failed for '([^']*)'|The requested URL returned error: 401/;

/** What to throw where git's words mean that; undefined for any others. @param doing as in `fetching main from origin` */
export function refusedCredentials(doing: string, words: string): AppError | undefined {
  const found = unauthorized.exec(words);
  if (found === null) return undefined;
  const server = URL.parse(found[1] ?? found[2] ?? '')?.host ?? 'the remote';
  const message = `${doing}: ${server} answers 401 Unauthorized: the token is wrong, expired or revoked, or there is none`;
  return new AppError('GIT_UNAUTHENTICATED', message, {
    next: 'set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, or give git credentials for this remote',
  });
}
