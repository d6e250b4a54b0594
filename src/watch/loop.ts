import type { Clock } from '../model/clock.ts';
import type { Changes } from './changes.ts';
import type { RetryQueue } from './queue.ts';
import { type Cause, type Debounce, nextWake, settledAt } from './schedule.ts';

/** What a loop has to know of a run. */
export interface RunOutcome {
  /** When the next grant expires, milliseconds since the epoch. */
  readonly expiry?: number;
  /** What is to be tried again: the run itself, or parts that could not be read or proposed. */
  readonly failed: readonly string[];
  /** When what had to wait may be done, milliseconds since the epoch. */
  readonly waitsUntil?: number;
  /** As of when watched objects were read, milliseconds since the epoch. */
  readonly readAt?: number;
}

/** Changes of objects that wake a loop. */
export interface Watching {
  readonly changes: Changes;
  readonly debounce: Debounce;
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
  /** Not set: no objects are watched. */
  readonly watching?: Watching;
}

/** Runs again and again, until it is stopped. */
export async function loop(options: LoopOptions): Promise<void> {
  const { clock, stop, lead, run, queue, watching } = options;
  while (!stop.aborted) {
    const term = AbortSignal.any([stop, await lead(stop)]);
    let cause: Cause = 'start';
    while (!term.aborted) {
      watching?.changes.take();
      const outcome = await run(cause, term);
      if (term.aborted) break;
      if (outcome.readAt !== undefined) watching?.changes.seen(outcome.readAt);
      queue.replace(outcome.failed, clock.now());
      cause = await untilNext(options, outcome, term);
    }
  }
}

/** Sleeps until there is a reason for the next run. */
async function untilNext(options: LoopOptions, outcome: RunOutcome, term: AbortSignal): Promise<Cause> {
  const { clock, interval, poll, jitter, random, queue, hasChanged, watching } = options;
  const { expiry, waitsUntil = Number.POSITIVE_INFINITY } = outcome;
  let ranAt = clock.now();
  let polledAt = ranAt;
  const chance = random();
  for (;;) {
    // A clock that is set back by a day puts nothing off by a day.
    ranAt = Math.min(ranAt, clock.now());
    polledAt = Math.min(polledAt, clock.now());
    const retryAt = Math.min(queue.nextAt ?? Number.POSITIVE_INFINITY, waitsUntil);
    const settled = settling(watching, clock.now());
    const { at, cause } = nextWake({
      ranAt,
      polledAt,
      interval,
      jitter,
      chance,
      ...(poll === undefined ? {} : { poll }),
      ...(expiry === undefined ? {} : { expiry }),
      ...(Number.isFinite(retryAt) ? { retryAt } : {}),
      ...settled,
    });
    const woken = settled.settledAt === undefined ? watching?.changes.signal : undefined;
    await clock.sleep(Math.max(0, at - clock.now()), woken === undefined ? term : AbortSignal.any([term, woken]));
    // Whatever it is, nothing runs any more.
    if (term.aborted) return 'interval';
    // By the first of some changes: more may follow.
    if (woken?.aborted === true && clock.now() < at) continue;
    // Each change that came meanwhile puts it off.
    if (cause === 'objects' && (settling(watching, clock.now()).settledAt ?? at) > clock.now()) continue;
    if (cause !== 'poll') return cause;
    polledAt = clock.now();
    if (await hasChanged()) return 'change';
  }
}

/** When changes that are pending have settled. */
function settling(watching: Watching | undefined, now: number): { readonly settledAt?: number } {
  const pending = watching?.changes.pending(now);
  return watching === undefined || pending === undefined ? {} : { settledAt: settledAt(pending, watching.debounce) };
}
