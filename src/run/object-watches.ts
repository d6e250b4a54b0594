import type { WatchNews } from '../cluster/watch-objects.ts';
import type { Watched } from '../core/generator.ts';
import { toProblem } from '../model/error.ts';
import type { MeteredWatch } from '../report/metrics/watch.ts';
import { type CommonFlags, type Io, logOf } from './io.ts';
import { readableCluster } from './readable-cluster.ts';
import { openTallies } from './watch-tally.ts';
import type { Workspace } from './workspace.ts';

/** The objects of clusters that are watched, over all runs of a loop. */
export interface ObjectWatches {
  /**
   * Watches these objects and no others, until `term` is aborted. What is watched already goes on.
   *
   * @param workspace whose clusters they are in
   */
  follow(workspace: Clusters, watched: readonly Watched[], term: AbortSignal): void;
  /** By cluster and kind. */
  tallies(): readonly MeteredWatch[];
  /** Ends them all, and their connections. */
  close(): Promise<void>;
}

type Clusters = Pick<Workspace, 'config' | 'clusters' | 'root'>;

/** @param changed called when an object has changed, or may have */
export function openObjectWatches(
  io: Io,
  flags: Pick<CommonFlags, 'logLevel' | 'logFormat' | 'quiet' | 'timestamps'>,
  changed: () => void,
): ObjectWatches {
  const log = logOf(io, flags);
  const tallies = openTallies();
  const watches = new Map<string, { readonly term: AbortSignal; readonly stop: AbortController }>();
  /** Of all that have not ended, those that were told to, too. */
  const running = new Set<Promise<void>>();
  /** Why each is lost, as it was logged. */
  const troubles = new Map<string, string>();

  /** Counts and logs what a watch tells. */
  const listener = (key: string, watched: Watched) => {
    const { cluster, query } = watched;
    const what = `the watch of ${query.kind} in ${query.namespace} of cluster ${cluster}`;
    const count = tallies.of(watched);
    let openings = 0;
    return (news: WatchNews | { readonly kind: 'stopped' }) => {
      switch (news.kind) {
        case 'open':
          if (openings++ > 0) count.restarted();
          count.become('open');
          if (troubles.delete(key)) log.info(`${what} is back`);
          else log.debug(`${what} is open`);
          // What happened before the list is not known.
          if (news.since === 'list') changed();
          return;
        case 'changed':
          count.event(io.clock.now());
          log.debug(`changed: ${query.kind} in ${query.namespace} of cluster ${cluster}`);
          return changed();
        case 'lost': {
          count.become('lost');
          const { code, message, next } = news.problem;
          const why = `${code}: ${message}${next === undefined ? '' : `; ${next}`}`;
          if (troubles.get(key) !== why)
            log.warn(`lost ${what}: ${why}; until it is back, each --interval finds changes`);
          troubles.set(key, why);
          return;
        }
        case 'ended':
        case 'stopped':
          return count.become('none');
      }
    };
  };

  /** Never throws. */
  async function watch(workspace: Clusters, key: string, watched: Watched, stop: AbortSignal): Promise<void> {
    const tell = listener(key, watched);
    try {
      const cluster = readableCluster(workspace, watched.cluster);
      // It takes a third of a second to load: only where a cluster is watched.
      const [{ openCluster }, { watchObjects }] = await Promise.all([
        import('./open-cluster.ts'),
        import('../cluster/watch-objects.ts'),
      ]);
      const { session } = openCluster(io, workspace, cluster, flags, { stop });
      await watchObjects(session, watched.query, { stop, clock: io.clock, random: Math.random, tell });
      await session.close();
    } catch (error) {
      // As of a kubeconfig that cannot be read. The next run begins it again.
      if (!stop.aborted) tell({ kind: 'lost', problem: toProblem(error) });
    }
    tell({ kind: 'stopped' });
  }

  return {
    follow(workspace, watched, term) {
      const wanted = new Map(watched.map((it) => [keyOf(workspace, it), it]));
      for (const [key, { stop, term: before }] of watches) {
        if (wanted.has(key) && before === term) continue;
        stop.abort();
        watches.delete(key);
      }
      for (const [key, it] of wanted) {
        if (watches.has(key) || term.aborted) continue;
        const one = { term, stop: new AbortController() };
        watches.set(key, one);
        const ended = watch(workspace, key, it, AbortSignal.any([term, one.stop.signal])).then(() => {
          running.delete(ended);
          if (watches.get(key) === one) watches.delete(key);
        });
        running.add(ended);
      }
      for (const key of troubles.keys()) if (!wanted.has(key)) troubles.delete(key);
    },
    tallies: tallies.list,
    async close() {
      for (const { stop } of watches.values()) stop.abort();
      await Promise.all(running);
    },
  };
}

/** Another one as soon as anything about it is. */
function keyOf({ clusters }: Clusters, { cluster, query }: Watched): string {
  const { kube = null } = clusters.find(({ name }) => name === cluster) ?? {};
  const { group, version, kind, namespace, name, labelSelector } = query;
  return JSON.stringify([cluster, kube, group, version, kind, namespace, name, labelSelector]);
}
