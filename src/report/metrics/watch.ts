import { counter, gauge, type Metric, plain } from './metric.ts';

/** A loop between two runs. Times are milliseconds since the epoch. */
export interface MeteredLoop {
  readonly queue: { readonly depth: number; readonly oldest: number | undefined; readonly retries: number };
  readonly isLeader: boolean;
  readonly startedAt: number;
  /** Bytes. */
  readonly memory: number;
  /** Of objects of clusters. */
  readonly watches: readonly MeteredWatch[];
}

/** The watches of one kind of one cluster. */
export interface MeteredWatch {
  readonly cluster: string;
  readonly kind: string;
  readonly open: number;
  /** Not open, and tried again. */
  readonly lost: number;
  /** Opened again, since the start. */
  readonly restarts: number;
  /** Objects that were added, modified or deleted, since the start. */
  readonly events: number;
  /** Of the last of them, milliseconds since the epoch. */
  readonly lastEventAt: number | undefined;
}

/** The metrics of a loop, as of now. */
export function loopMetrics({ queue, isLeader, startedAt, memory, watches }: MeteredLoop): readonly Metric[] {
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
    ...watchMetrics(watches),
  ];
}

function watchMetrics(watches: readonly MeteredWatch[]): readonly Metric[] {
  const each = (value: (watch: MeteredWatch) => number) =>
    watches.map((it) => ({ labels: { cluster: it.cluster, kind: it.kind }, value: value(it) }));
  const states = watches.flatMap(({ cluster, kind, open, lost }) => [
    { labels: { cluster, kind, state: 'open' }, value: open },
    { labels: { cluster, kind, state: 'lost' }, value: lost },
  ]);
  return [
    gauge('athenz_gitops_watches', 'Watches of objects: open, or lost and tried again.', states),
    counter(
      'athenz_gitops_watch_restarts_total',
      'Watches opened again since the start.',
      each((it) => it.restarts),
    ),
    counter(
      'athenz_gitops_watch_events_total',
      'Changes of watched objects since the start.',
      each((it) => it.events),
    ),
    gauge(
      'athenz_gitops_watch_last_event_timestamp_seconds',
      'When a watched object changed last; 0: none has since the start.',
      each((it) => (it.lastEventAt ?? 0) / 1000),
    ),
  ];
}
