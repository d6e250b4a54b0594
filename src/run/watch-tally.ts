import type { Watched } from '../core/generator.ts';
import type { MeteredWatch } from '../report/metrics/watch.ts';

/** What is counted of one watch. */
export interface WatchCount {
  /** `none`: as before it began. */
  become(state: 'none' | 'open' | 'lost'): void;
  restarted(): void;
  /** @param now milliseconds since the epoch */
  event(now: number): void;
}

/** The watches of all clusters and kinds, over all runs. */
export interface WatchTallies {
  /** Counts one that begins. */
  of(watched: Watched): WatchCount;
  list(): readonly MeteredWatch[];
}

export function openTallies(): WatchTallies {
  const tallies = new Map<string, { -readonly [K in keyof MeteredWatch]: MeteredWatch[K] }>();
  return {
    of({ cluster, query: { kind } }) {
      const key = JSON.stringify([cluster, kind]);
      const none = { cluster, kind, open: 0, lost: 0, restarts: 0, events: 0, lastEventAt: undefined };
      const tally = tallies.get(key) ?? none;
      tallies.set(key, tally);
      let state: Parameters<WatchCount['become']>[0] = 'none';
      return {
        become(next) {
          if (state !== 'none') tally[state]--;
          if (next !== 'none') tally[next]++;
          state = next;
        },
        restarted: () => void tally.restarts++,
        event(now) {
          tally.events++;
          tally.lastEventAt = now;
        },
      };
    },
    list: () => [...tallies.values()].map((it) => ({ ...it })),
  };
}
