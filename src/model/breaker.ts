/** Stops calls to a server that is down, and lets one through from time to time to see whether it is back. */
export interface Breaker {
  /**
   * Makes a call.
   *
   * @param refuse makes the error of a call that is not made
   * @throws what `call` or `refuse` gives
   */
  run<T>(call: () => Promise<T>, refuse: () => Error): Promise<T>;
  readonly state: BreakerState;
}

/** `open`: no call is made; `half-open`: one is, and decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';
