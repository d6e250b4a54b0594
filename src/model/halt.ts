import { AppError } from './error.ts';

/** When a run stops before it is done. */
export interface Halt {
  /** Aborted when the user, or the platform, asks the program to end. */
  readonly stop?: AbortSignal | undefined;
  /** Nothing more is read from then on; milliseconds since the epoch. */
  readonly deadline?: number | undefined;
}

/**
 * Refuses what would be done too late.
 *
 * @param now milliseconds since the epoch
 * @param doing for the message
 * @throws AppError `CANCELLED` or `DEADLINE`
 */
export function checkHalt({ stop, deadline }: Halt, now: number, doing: string): void {
  checkStop(stop, doing);
  if (deadline === undefined || now < deadline) return;
  throw new AppError('DEADLINE', `${doing}: the deadline has passed`, {
    next: 'raise --deadline; the next run reads only what this one did not',
  });
}

/** As `checkHalt`, of what has to be done however late it is. @throws AppError `CANCELLED` */
export function checkStop(stop: AbortSignal | undefined, doing: string): void {
  if (stop?.aborted === true) throw cancelled(doing);
}

/** The error of what a signal interrupted. */
export function cancelled(doing: string, cause?: unknown): AppError {
  return new AppError('CANCELLED', `${doing}: interrupted`, { next: 'run again: the next run continues', cause });
}
