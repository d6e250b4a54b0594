/** Time, as far as it decides what is done; milliseconds. Tests bring their own. */
export interface Clock {
  /** Since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
