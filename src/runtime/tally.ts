import type { ResponseCount } from '../model/traffic.ts';

/** Counts responses by what was asked for and how it ended. */
export interface Tally {
  add(endpoint: string, status: number | string): void;
  /** Sorted. */
  list(): readonly ResponseCount[];
}

export function openTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add(endpoint, status) {
      const key = `${endpoint} ${status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    list: () =>
      [...counts].sort().map(([key, count]) => {
        const [endpoint = '', status = ''] = key.split(' ');
        return { endpoint, status, count };
      }),
  };
}
