import { counter, gauge, type Metric, plain } from './metric.ts';

/** A loop between two runs. Times are milliseconds since the epoch. */
export interface MeteredLoop {
  readonly queue: { readonly depth: number; readonly oldest: number | undefined; readonly retries: number };
  readonly isLeader: boolean;
  readonly startedAt: number;
  /** Bytes. */
  readonly memory: number;
}

/** The metrics of a loop, as of now. */
export function loopMetrics({ queue, isLeader, startedAt, memory }: MeteredLoop): readonly Metric[] {
  return [
    gauge('athenz_gitops_queue_depth', 'What failed and waits to be tried again.', plain(queue.depth)),
    gauge(
      'athenz_gitops_queue_oldest_timestamp_seconds',
      'Since when the oldest of it fails; 0: nothing does.',
      plain((queue.oldest ?? 0) / 1000),
    ),
    counter('athenz_gitops_queue_retries_total', 'Retries asked for since the start.', plain(queue.retries)),
    gauge('athenz_gitops_leader', 'Whether this replica works.', plain(Number(isLeader))),
    gauge('process_start_time_seconds', 'When this process started.', plain(startedAt / 1000)),
    gauge('process_resident_memory_bytes', 'Memory of this process.', plain(memory)),
  ];
}
