import type { Clock } from '../model/clock.ts';
import type { RetryQueue } from './queue.ts';
import { type Cause, nextWake } from './schedule.ts';

/** What a loop has to know of a run. */
export interface RunOutcome {
  /** When the next grant expires, milliseconds since the epoch. */
  readonly expiry?: number;
  /** What is to be tried again: the run itself, or parts that could not be read or proposed. */
  readonly failed: readonly string[];
}

export interface LoopOptions {
  readonly clock: Clock;
  /** Ends the loop, and aborts a run. */
  readonly stop: AbortSignal;
  /** Milliseconds, as in `ScheduleInput`. */
  readonly interval: number;
  readonly poll?: number;
  readonly jitter: number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly queue: RetryQueue;
  /** Waits until this replica may work. @returns a signal that is aborted when it may no longer */
  readonly lead: (stop: AbortSignal) => Promise<AbortSignal>;
  /** Never throws. @param stop aborts the run */
  readonly run: (cause: Cause, stop: AbortSignal) => Promise<RunOutcome>;
  /** Whether anything has changed since it was asked last. Never throws. */
  readonly hasChanged: () => Promise<boolean>;
}

/** Runs again and again, until it is stopped. */
export async function loop(options: LoopOptions): Promise<void> {
  const { clock, stop, lead, run, queue } = options;
  while (!stop.aborted) {
    const term = AbortSignal.any([stop, await lead(stop)]);
    let cause: Cause = 'start';
    while (!term.aborted) {
      const outcome = await run(cause, term);
      if (term.aborted) break;
      queue.replace(outcome.failed, clock.now());
      cause = await untilNext(options, outcome, term);
    }
  }
}

/** Sleeps until there is a reason for the next run. */
async function untilNext(options: LoopOptions, { expiry }: RunOutcome, term: AbortSignal): Promise<Cause> {
  const { clock, interval, poll, jitter, random, queue, hasChanged } = options;
  let ranAt = clock.now();
  let polledAt = ranAt;
  const chance = random();
  for (;;) {
    // A clock that is set back by a day puts nothing off by a day.
    ranAt = Math.min(ranAt, clock.now());
    polledAt = Math.min(polledAt, clock.now());
    const { nextAt: retryAt } = queue;
    const { at, cause } = nextWake({
      ranAt,
      polledAt,
      interval,
      jitter,
      chance,
      ...(poll === undefined ? {} : { poll }),
      ...(expiry === undefined ? {} : { expiry }),
      ...(retryAt === undefined ? {} : { retryAt }),
    });
    await clock.sleep(Math.max(0, at - clock.now()), term);
    if (cause !== 'poll') return cause;
    polledAt = clock.now();
    if (term.aborted || (await hasChanged())) return 'change';
  }
}
