/** A bucket of tokens: so many at once, and so many a second from then on. Pure, apart from what it counts. */
export interface Bucket {
  /**
   * Takes a token, which may be one of later, but no later than the bucket takes to fill: a debt would outlast its cause.
   *
   * @param now milliseconds since the epoch
   * @returns milliseconds until the token is there
   */
  take(now: number): number;
}

/** @param rate tokens a second @param burst tokens that a full bucket has */
export function openBucket(rate: number, burst: number): Bucket {
  let tokens = burst;
  let last = Number.NEGATIVE_INFINITY;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - last) / 1000) * rate);
      last = Math.max(last, now);
      tokens = Math.max(-burst, tokens - 1);
      return tokens >= 0 ? 0 : (-tokens / rate) * 1000;
    },
  };
}
