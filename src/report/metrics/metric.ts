/** One metric with its samples, as Prometheus has them. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  /** `counter`: what one run adds; whoever keeps the sum adds it up. */
  readonly kind: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
  /** Of a gauge: generators of which the run says nothing, so that what was said of them before stays. */
  readonly silent?: readonly string[];
}

export interface Sample {
  /** Of few values each: a cluster, a status, never a namespace or a member. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a gauge: what the run could not judge. As much of the value before may still be so, and stays. */
  readonly unjudged?: number;
}

/** A gauge. Where it can be of nothing it has a sample of 0: what is not told again would stay as it was. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, kind: 'gauge', samples };
}

/** A counter with what a run adds. */
export function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, kind: 'counter', samples };
}

/** A sample without labels. */
export function plain(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

/** Seconds since the epoch, as Prometheus counts time. @param time RFC 3339 */
export function seconds(time: string): number {
  return Date.parse(time) / 1000;
}
