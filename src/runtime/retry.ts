import type { Clock } from '../model/clock.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import { isTransient } from '../model/transient.ts';

/** How patiently one server is read; when another try makes sense at all is the same for each. */
export interface RetryPolicy {
  readonly tries: number;
  /** Milliseconds from the first try within which all further ones end. */
  readonly within: number;
  /** Milliseconds before the second try; four times as long before each further one, less up to half by chance. */
  readonly delay: number;
}

/** Where a source has no policy of its own. */
export const defaultRetry: RetryPolicy = { tries: 4, within: 10_000, delay: 200 };

/** What another read may mend: to a read, 429 means too many requests at a time, which passes. */
function mayPass(code: ErrorCode): boolean {
  return isTransient(code) || code === 'ZMS_QUOTA';
}

/** What an error may say of further tries. */
export interface RetryHint {
  /** The server's wish for how long to wait, in milliseconds. */
  readonly retryAfter?: number;
  /** It has been tried as often as makes sense. */
  readonly settled?: true;
}

/** Marks an error as one that no further try mends. */
export function settled(error: unknown): unknown {
  return error instanceof AppError ? Object.assign(error, { settled: true } satisfies RetryHint) : error;
}

/** Adds the server's wish to an error; milliseconds. */
export function withWait(error: unknown, retryAfter: number | undefined): unknown {
  if (!(error instanceof AppError) || retryAfter === undefined) return error;
  return Object.assign(error, { retryAfter } satisfies RetryHint);
}

/**
 * Reads with further tries. Only for reads: a write may have happened although its answer was lost.
 *
 * @param read told how many milliseconds it may take at most; not so the first time, which has its own timeout
 * @throws the last try's AppError, saying how many there were
 */
export async function withRetry<T>(
  read: (atMost?: number) => Promise<T>,
  policy: RetryPolicy,
  clock: Clock,
): Promise<T> {
  const begun = clock.now();
  for (let tries = 1; ; tries++) {
    try {
      return await (tries === 1 ? read() : read(policy.within - (clock.now() - begun)));
    } catch (error) {
      if (!(error instanceof AppError) || !mayPass(error.code)) throw error;
      const hint = error as RetryHint;
      if (hint.settled) throw error;
      const backoff = policy.delay * 4 ** (tries - 1) * (1 - Math.random() / 2);
      const wait = Math.max(backoff, hint.retryAfter ?? 0);
      const late = clock.now() + wait - begun >= policy.within;
      if (tries >= policy.tries || late) throw tries === 1 ? error : afterTries(error, tries);
      await clock.sleep(wait);
    }
  }
}

function afterTries(error: AppError, tries: number): AppError {
  const next = error.next === undefined ? {} : { next: error.next };
  return new AppError(error.code, `${error.message} (after ${tries} tries)`, { ...next, cause: error });
}
