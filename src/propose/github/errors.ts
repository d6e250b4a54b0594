import { RequestError } from '@octokit/request-error';
import type { z } from 'zod';
import { AppError, type ErrorCode } from '../../model/error.ts';
import { connectionTrouble } from '../../model/trouble.ts';
import { understand, wordsOf } from './wire.ts';

/** Runs a request, and turns what it throws into an AppError `FORGE_…` that says what was being done. */
export async function request<T>(doing: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw error instanceof AppError ? error : toAppError(doing, error);
  }
}

/** A good answer: its data, checked, and its headers. */
export interface Answer<T> {
  readonly data: T;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** Runs a request, and checks the data of its answer. @throws AppError `FORGE_…` */
export async function read<S extends z.ZodType>(
  doing: string,
  schema: S,
  send: () => Promise<Answer<unknown>>,
): Promise<Answer<z.output<S>>> {
  const { data, headers } = await request(doing, send);
  return { data: understand(data, schema, doing), headers };
}

function toAppError(doing: string, error: unknown): AppError {
  // No cause is kept: it has the request with its headers.
  if (!(error instanceof RequestError) || error.response === undefined) {
    const { kind, why } = connectionTrouble(error);
    const next =
      kind === 'tls-issuer'
        ? 'set forge.caPath to its CA'
        : 'check forge.apiUrl, the network and the proxy; the next run retries';
    const at = error instanceof RequestError ? ` at ${new URL(error.request.url).host}` : '';
    return new AppError('FORGE_UNREACHABLE', `${doing}${at}: ${why}`, { next });
  }
  const [code, next] = meaningOf(error);
  return new AppError(code, `${doing}: ${error.status}: ${wordsOf(error.response.data)}`, { next });
}

function meaningOf({ status, message, response }: RequestError): readonly [ErrorCode, string] {
  if (status === 401) return ['FORGE_UNAUTHENTICATED', 'the token is wrong, expired or revoked: make a new one'];
  if (status === 429 || /rate limit/i.test(message) || response?.headers['x-ratelimit-remaining'] === '0') {
    return ['FORGE_LIMIT', 'GitHub limits requests; the next run continues where this one stopped'];
  }
  if (status === 403 && /not permitted to create or approve/i.test(message)) {
    return ['FORGE_FORBIDDEN', 'allow Actions to create pull requests in the repository settings, or use a GitHub App'];
  }
  if (status === 403) return ['FORGE_FORBIDDEN', 'give the token contents: write and pull-requests: write'];
  if (status === 404) return ['FORGE_NOT_FOUND', 'check forge.repository, and that the token may see it'];
  if (status >= 500) return ['FORGE_UNAVAILABLE', 'the next run retries'];
  return ['FORGE_REFUSED', 'check the message from GitHub'];
}

/** The error with a further way out, where the server has refused: what a person may do, the token may not. */
export function orByHand(error: unknown, byHand: string): unknown {
  if (!(error instanceof AppError) || !['FORGE_FORBIDDEN', 'FORGE_REFUSED'].includes(error.code)) return error;
  return new AppError(error.code, error.message, { next: `${error.next}; ${byHand}` });
}

/** Whether there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'FORGE_NOT_FOUND';
}

/** Whether GitHub refuses to create what is there already. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof AppError && error.code === 'FORGE_REFUSED' && /already.exists/i.test(error.message);
}
