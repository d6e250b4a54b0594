/** Time, as far as it decides what is done; milliseconds. Tests bring their own. */
export interface Clock {
  /** Since the epoch. */
  now(): number;
  /** @param signal ends the sleep early; nothing is thrown */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
