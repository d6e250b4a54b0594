import type { ClusterSession } from '../../../src/cluster/session.ts';
import { type WatchNews, watchObjects } from '../../../src/cluster/watch-objects.ts';
import type { ObjectQuery } from '../../../src/model/object-query.ts';

/** A watch under test. */
export interface Watching extends AsyncDisposable {
  /** Everything that it told. */
  readonly news: readonly WatchNews[];
  /** What it was to sleep, in milliseconds; sleeping takes no time. */
  readonly sleeps: readonly number[];
  /** Waits until the news since the last call end like this. A watch that has nothing to tell never does: the test's timeout ends it. */
  until(...kinds: readonly WatchNews['kind'][]): Promise<void>;
  /** Waits until so many of one kind were told of in all. */
  untilTold(kind: WatchNews['kind'], times: number): Promise<void>;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export interface WatchingOptions {
  /** Before it sleeps: what it does not resolve, it sleeps through. */
  readonly sleeping?: (milliseconds: number) => void | Promise<void>;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Watches until the block ends. */
export function startWatch(
  session: ClusterSession,
  query: ObjectQuery,
  { sleeping = () => {}, now = () => 0, random = () => 0 }: WatchingOptions = {},
): Watching {
  const news: WatchNews[] = [];
  const sleeps: number[] = [];
  const stop = new AbortController();
  let seen = 0;
  let told = Promise.withResolvers<void>();
  const clock = {
    now,
    async sleep(milliseconds: number, signal?: AbortSignal) {
      sleeps.push(milliseconds);
      const stopped = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      await Promise.race([sleeping(milliseconds), stopped]);
    },
  };
  const tell = (it: WatchNews) => {
    news.push(it);
    told.resolve();
    told = Promise.withResolvers();
  };
  const ended = watchObjects(session, query, { stop: stop.signal, clock, random, tell });
  return {
    news,
    sleeps,
    stop,
    ended,
    async until(...kinds) {
      for (;;) {
        const since = news.slice(seen).map(({ kind }) => kind);
        if (since.slice(-kinds.length).join() === kinds.join()) break;
        await told.promise;
      }
      seen = news.length;
    },
    async untilTold(kind, times) {
      while (news.filter((it) => it.kind === kind).length < times) await told.promise;
      seen = news.length;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}
