/** Why a run begins. */
export type Cause = 'start' | 'interval' | 'expiry' | 'change' | 'retry';

/** When a loop does something next. */
export interface Wake {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `poll`: asks whether anything has changed, and runs only then. */
  readonly cause: Exclude<Cause, 'start' | 'change'> | 'poll';
}

export interface ScheduleInput {
  /** When the last run ended, and the last poll or run; milliseconds since the epoch. */
  readonly ranAt: number;
  readonly polledAt: number;
  /** Milliseconds from the end of a run to the next, by which everything is found in the end. */
  readonly interval: number;
  /** Milliseconds between polls; not set: none. */
  readonly poll?: number;
  /** Up to this share of an interval is added, so that many loops do not ask at once. */
  readonly jitter: number;
  /** From 0 to 1, drawn once for each run. */
  readonly chance: number;
  /** When the next grant expires, milliseconds since the epoch. */
  readonly expiry?: number;
  /** When something that failed is due. */
  readonly retryAt?: number;
}

/** The next wake: of several at once, the one that does most. */
export function nextWake(input: ScheduleInput): Wake {
  const { ranAt, polledAt, interval, poll, jitter, chance, expiry, retryAt } = input;
  const late = (milliseconds: number) => milliseconds * jitter * chance;
  const all: Wake[] = [{ at: ranAt + interval + late(interval), cause: 'interval' }];
  // Never before: a grant has ended at its expiry.
  if (expiry !== undefined)
    all.push({ at: Math.max(expiry, ranAt) + late(Math.min(interval, 10_000)), cause: 'expiry' });
  if (retryAt !== undefined) all.push({ at: retryAt, cause: 'retry' });
  if (poll !== undefined) all.push({ at: polledAt + poll, cause: 'poll' });
  return all.reduce((first, it) => (it.at < first.at ? it : first));
}
