import type { Spread } from './measure.ts';

/** A way to do some work, measured. */
export interface Row {
  readonly name: string;
  readonly wall: Spread;
  readonly cpu: Spread;
  readonly peak: Spread | undefined;
  /** Of the median CPU time to that of the table's first row. */
  readonly ratio: number;
}

export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}
