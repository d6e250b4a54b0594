import { AppError } from '../model/error.ts';

/** git's words where a server answers that a repository is elsewhere, and git may not go there. It does not say where. */
const elsewhere = /The requested URL returned error: (30[12378])/;

/** What to throw where git's words mean that; undefined for any others. @param doing as in `fetching main from origin` */
export function redirected(doing: string, words: string): AppError | undefined {
  const status = elsewhere.exec(words)?.[1];
  if (status === undefined) return undefined;
  const server = URL.parse(/unable to access '([^']*)'/.exec(words)?.[1] ?? '')?.host ?? 'the remote';
  const message = `${doing}: ${server} redirects to another address (${status}), which is not followed`;
  return new AppError('FORGE_MOVED', message, {
    next: 'run git remote set-url with its new address: it may have been renamed or transferred',
  });
}
