import pLimit from 'p-limit';
import type { Clock } from '../model/clock.ts';

/** A limit of calls at a time that falls when the server slows down, and rises again when it recovers. */
export interface AdaptiveLimit {
  /**
   * Makes a call when there is room for it.
   *
   * @param call says when the server is asked, if it waits for something else first
   * @param loadOf what its outcome says about the server
   */
  run<T>(call: (begin: () => void) => Promise<T>, loadOf: (outcome: Outcome<T>) => Load): Promise<T>;
  /** Calls at a time, at the moment. */
  readonly limit: number;
}

/** How a call ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/**
 * `overload`: the server says, or shows by its silence, that it has too much to do; `served`: it did what it was asked, and took as
 * long as that takes; `unknown`: neither, as a refusal or a failed connection is faster than any answer.
 */
export type Load = 'overload' | 'served' | 'unknown';

/** Calls that are looked at together: one slow answer says nothing. */
const window = 16;

/** So many times the fastest window is slow. Documents of one server differ in size, and a window evens that out. */
const slow = 4;

/**
 * Additive increase, multiplicative decrease: half after an overload, three quarters after a slow window, a quarter of `most`
 * more after any other. Begins at `most`: a healthy server is never held back.
 *
 * @param most calls at a time, at least 1
 */
export function adaptiveLimit(most: number, clock: Clock): AdaptiveLimit {
  const limit = pLimit(most);
  let fastest = Number.POSITIVE_INFINITY;
  let calls = 0;
  let time = 0;
  /** Counts the overloads: what began before the last one has been answered by a lower limit already. */
  let overloads = 0;

  const set = (next: number) => {
    limit.concurrency = Math.max(1, Math.min(most, Math.floor(next)));
    calls = 0;
    time = 0;
  };
  const learn = (took: number, load: Load, before: number) => {
    if (load === 'unknown') return;
    if (load === 'overload') {
      if (before < overloads) return;
      overloads++;
      return set(limit.concurrency / 2);
    }
    calls++;
    time += took;
    if (calls < window) return;
    const mean = time / calls;
    // A server that is slower for good becomes the measure in the end.
    fastest = Math.max(1, Math.min(mean, fastest * 1.02));
    set(mean > slow * fastest ? limit.concurrency * 0.75 : limit.concurrency + Math.ceil(most / 4));
  };

  return {
    run: (call, loadOf) =>
      limit(async () => {
        const before = overloads;
        let began = clock.now();
        const outcome = await outcomeOf(call, () => {
          began = clock.now();
        });
        learn(clock.now() - began, loadOf(outcome), before);
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      }),
    get limit() {
      return limit.concurrency;
    },
  };
}

async function outcomeOf<T>(call: (begin: () => void) => Promise<T>, begin: () => void): Promise<Outcome<T>> {
  try {
    return { value: await call(begin) };
  } catch (error) {
    return { error };
  }
}
