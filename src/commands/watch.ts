import { openDelta } from '../athenz/delta.ts';
import { zmsBreaker } from '../athenz/guarded.ts';
import { openZmsSession } from '../athenz/session.ts';
import type { ListenAddress } from '../model/address.ts';
import type { Breaker } from '../model/breaker.ts';
import { AppError, exitCode, reasonOf } from '../model/error.ts';
import { exposition } from '../report/metrics/exposition.ts';
import { loopMetrics } from '../report/metrics/watch.ts';
import { type Io, logOf } from '../run/io.ts';
import { openObjectWatches } from '../run/object-watches.ts';
import { openGitWorkspace } from '../run/workspace.ts';
import { openPushLimit } from '../runtime/push-limit.ts';
import { openChanges } from '../watch/changes.ts';
import { loop } from '../watch/loop.ts';
import { openQueue } from '../watch/queue.ts';
import { serveProbes } from '../watch/server.ts';
import { type ElectionFlags, electionOf } from './elect.ts';
import type { SyncFlags } from './sync.ts';
import { openRuns } from './watch-run.ts';

export interface WatchFlags extends Omit<SyncFlags, 'json' | 'dryRun'>, ElectionFlags {
  /** Milliseconds between runs. */
  readonly interval: number;
  /** Milliseconds between questions whether anything has changed. */
  readonly poll: number | 'off';
  /** Milliseconds without a change of watched objects after which they wake a run, and after the first one at most. */
  readonly debounce: number;
  readonly debounceLimit: number;
  /** Pushes a minute to one remote, of what is proposed because objects changed. */
  readonly maxPushes: number;
  /** Of the probes and metrics. */
  readonly listen: ListenAddress;
}

/** Share of an interval by which runs are late at most, so that many loops do not ask at once. */
const jitter = 0.1;

/** Milliseconds after which a run that has not ended counts as stuck. */
const longestRun = 3_600_000;

/**
 * `watch`: `sync` in a loop, until it is stopped.
 *
 * @returns the exit code
 */
export async function runWatch(io: Io, given: WatchFlags): Promise<number> {
  const flags = { ...given, timestamps: true };
  const stop = io.stop();
  const startedAt = io.clock.now();
  const log = logOf(io, flags);
  // What is wrong with the config is said at once; each run reads it again.
  const { config } = await openGitWorkspace(io, flags);
  const breakerOf = keptBreakers();
  const election = await electionOf(io, flags, log.info);
  const queue = openQueue();
  const changes = openChanges();
  const watches = openObjectWatches(io, flags, () => changes.note(io.clock.now()));
  const runs = openRuns({ ...io, breakerOf, pushes: openPushLimit(flags.maxPushes) }, flags, watches);
  const session = openZmsSession({ config: config.athenz, env: io.env, clock: io.clock, halt: { stop } });
  const delta = openDelta(session);
  const hasChanged = async () => {
    const refuse = () => new AppError('ZMS_UNAVAILABLE', 'polling for changes: skipped, as ZMS is down');
    try {
      const changed = await breakerOf(config.athenz.zmsUrl).run(delta.changed, refuse);
      return changed.some(({ name }) => runs.concerns(name));
    } catch (error) {
      log.debug(`polling for changes: ${reasonOf(error)}`);
      return false;
    }
  };

  await using server = await serveProbes(flags.listen, {
    isAlive: () => io.clock.now() - (runs.began ?? io.clock.now()) < longestRun,
    isReady: () => runs.ok || !election.isLeader,
    isLeader: () => election.isLeader,
    metrics: async () => {
      const { rss: memory } = process.memoryUsage();
      const facts = { queue, isLeader: election.isLeader, startedAt, memory, watches: watches.tallies() };
      return exposition(loopMetrics(facts), runs.metrics);
    },
  });
  log.info(`watching; probes and metrics at ${server.url}`);
  try {
    // Beside the first run, which must not wait for a ZMS that hangs.
    const first = flags.poll === 'off' ? Promise.resolve(false) : hasChanged();
    const { clock } = io;
    const { interval, poll } = flags;
    const times = { interval, jitter, random: Math.random, ...(poll === 'off' ? {} : { poll }) };
    // The lease is given back once the last run has ended: a git that was running goes on to its end.
    const over = new AbortController();
    const looping = loop({
      clock,
      stop,
      ...times,
      queue,
      lead: election.lead,
      run: runs.run,
      hasChanged: () => first.then(hasChanged),
      watching: { changes, debounce: { quiet: flags.debounce, most: flags.debounceLimit } },
    });
    await Promise.all([election.run(over.signal), looping.finally(() => over.abort())]);
  } finally {
    await watches.close();
    await session.close();
    await election.close();
  }
  log.info('stopped');
  return exitCode.done;
}

/** Breakers that outlive a run, one for each server. */
function keptBreakers(): (url: string) => Breaker {
  const breakers = new Map<string, Breaker>();
  return (url) => {
    const breaker = breakers.get(url) ?? zmsBreaker();
    breakers.set(url, breaker);
    return breaker;
  };
}
