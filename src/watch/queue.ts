import { delayAfter } from '../runtime/backoff.ts';
import { type Bucket, openBucket } from '../runtime/bucket.ts';

/** What failed and is to be tried again, each after a time of its own. */
export interface RetryQueue {
  /** It failed once more. @param now milliseconds since the epoch */
  fail(item: string, now: number): void;
  /** Items that failed are these and no others: what is not among them succeeded, and starts over when it fails again. */
  replace(items: Iterable<string>, now: number): void;
  /** When the first item is due, milliseconds since the epoch. */
  readonly nextAt: number | undefined;
  readonly depth: number;
  /** Since when the oldest item fails, milliseconds since the epoch. */
  readonly oldest: number | undefined;
  /** Retries that were asked for so far. */
  readonly retries: number;
}

interface Item {
  readonly since: number;
  readonly failures: number;
  readonly at: number;
}

/** @param bucket for all items together: 30 a second, 200 at once, as controllers have it */
export function openQueue(bucket: Bucket = openBucket(30, 200)): RetryQueue {
  const items = new Map<string, Item>();
  let retries = 0;
  const fail = (item: string, now: number) => {
    const { since = now, failures = 0 } = items.get(item) ?? {};
    const delay = Math.max(delayAfter(failures + 1), bucket.take(now));
    items.set(item, { since, failures: failures + 1, at: now + delay });
    retries++;
  };
  const least = (of: (item: Item) => number) =>
    items.size === 0 ? undefined : [...items.values()].reduce((min, it) => Math.min(min, of(it)), Infinity);
  return {
    fail,
    replace(failed, now) {
      const still = new Set(failed);
      for (const item of items.keys()) if (!still.has(item)) items.delete(item);
      for (const item of still) fail(item, now);
    },
    get nextAt() {
      return least(({ at }) => at);
    },
    get depth() {
      return items.size;
    },
    get oldest() {
      return least(({ since }) => since);
    },
    get retries() {
      return retries;
    },
  };
}
