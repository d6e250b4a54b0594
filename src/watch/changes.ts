import type { Pending } from './schedule.ts';

/** Changes of objects of clusters that no run has seen yet. */
export interface Changes {
  /** Something changed, or may have. @param now milliseconds since the epoch */
  note(now: number): void;
  /** A run begins, and sees them all. */
  take(): void;
  /** A run has read the objects: what came before that is seen too. @param time milliseconds since the epoch */
  seen(time: number): void;
  /** None is of later than now: a clock that is set back puts nothing off. @param now milliseconds since the epoch */
  pending(now: number): Pending | undefined;
  /** Aborted by the first change that is pending. */
  readonly signal: AbortSignal;
}

export function openChanges(): Changes {
  let pending: Pending | undefined;
  let waiting = new AbortController();
  const take = () => {
    pending = undefined;
    if (waiting.signal.aborted) waiting = new AbortController();
  };
  return {
    note(now) {
      pending = { first: pending?.first ?? now, last: now };
      waiting.abort();
    },
    take,
    seen(time) {
      if (pending === undefined || pending.first > time) return;
      if (pending.last <= time) take();
      else pending = { first: time, last: pending.last };
    },
    pending(now) {
      if (pending !== undefined) pending = { first: Math.min(pending.first, now), last: Math.min(pending.last, now) };
      return pending;
    },
    get signal() {
      return waiting.signal;
    },
  };
}
