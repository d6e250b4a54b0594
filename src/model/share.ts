/** As much as `percent` of what a cluster has, and never less than `floor`. */
export interface Share {
  readonly percent: number;
  readonly floor: number;
}
