/** Why a run begins. */
export type Cause = 'start' | 'interval' | 'expiry' | 'change' | 'objects' | 'retry';

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
  /** When something that failed, or had to wait, is due. */
  readonly retryAt?: number;
  /** When changes of objects have settled. */
  readonly settledAt?: number;
}

/** Changes that no run has seen yet: when the first and the last one came, milliseconds since the epoch. */
export interface Pending {
  readonly first: number;
  readonly last: number;
}

/** How long changes of objects are gathered: many come together. Milliseconds. */
export interface Debounce {
  /** After the last one. */
  readonly quiet: number;
  /** After the first one, however many follow. */
  readonly most: number;
}

/** When a run sees to changes of objects. */
export function settledAt({ first, last }: Pending, { quiet, most }: Debounce): number {
  return Math.min(last + quiet, first + most);
}

/** The next wake: of several at once, the one that does most. */
export function nextWake(input: ScheduleInput): Wake {
  const { ranAt, polledAt, interval, poll, jitter, chance, expiry, retryAt, settledAt } = input;
  const late = (milliseconds: number) => milliseconds * jitter * chance;
  const all: Wake[] = [{ at: ranAt + interval + late(interval), cause: 'interval' }];
  // Never before: a grant has ended at its expiry.
  if (expiry !== undefined)
    all.push({ at: Math.max(expiry, ranAt) + late(Math.min(interval, 10_000)), cause: 'expiry' });
  if (settledAt !== undefined) all.push({ at: settledAt, cause: 'objects' });
  if (retryAt !== undefined) all.push({ at: retryAt, cause: 'retry' });
  if (poll !== undefined) all.push({ at: polledAt + poll, cause: 'poll' });
  return all.reduce((first, it) => (it.at < first.at ? it : first));
}
