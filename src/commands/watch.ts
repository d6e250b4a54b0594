import { openDelta } from '../athenz/delta.ts';
import { zmsBreaker } from '../athenz/guarded.ts';
import { openZmsSession } from '../athenz/session.ts';
import type { Breaker } from '../model/breaker.ts';
import { AppError, type ErrorCode, exitCode, exitCodeOf, reasonOf, toProblem } from '../model/error.ts';
import { count } from '../model/text.ts';
import { troubles } from '../report/conclusion.ts';
import { exposition } from '../report/metrics/exposition.ts';
import { runMetrics } from '../report/metrics/run.ts';
import { loopMetrics } from '../report/metrics/watch.ts';
import { plansOf, type RunReport, sourcesOf } from '../report/run-report.ts';
import { type Io, logOf, newRunId } from '../run/io.ts';
import { programVersion } from '../run/version.ts';
import { openGitWorkspace } from '../run/workspace.ts';
import { type LoopOptions, loop } from '../watch/loop.ts';
import { openQueue } from '../watch/queue.ts';
import { outcomeOf } from '../watch/run.ts';
import { serveProbes } from '../watch/server.ts';
import { type ElectionFlags, electionOf } from './elect.ts';
import { type SyncFlags, syncOnce, tellFailure } from './sync.ts';

export interface WatchFlags extends Omit<SyncFlags, 'json' | 'dryRun'>, ElectionFlags {
  /** Milliseconds between runs. */
  readonly interval: number;
  /** Milliseconds between questions whether anything has changed. */
  readonly poll: number | 'off';
  /** `host:port` of the probes and metrics. */
  readonly listen: string;
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
export async function runWatch(io: Io, flags: WatchFlags): Promise<number> {
  const stop = io.stop();
  const startedAt = io.clock.now();
  const log = logOf(io, flags);
  // What is wrong with the config is said at once; each run reads it again.
  const { config } = await openGitWorkspace(io, flags);
  const breakers = new Map<string, Breaker>();
  const breakerOf = (url: string) => {
    const breaker = breakers.get(url) ?? zmsBreaker();
    breakers.set(url, breaker);
    return breaker;
  };
  const election = await electionOf(io, flags, log.info);
  const queue = openQueue();
  const state = {
    metrics: '',
    began: undefined as number | undefined,
    ok: false,
    /** The code of the last run's error; not set where it had none. */
    failure: undefined as ErrorCode | undefined,
    concerns: (_: string) => true,
  };

  const run: LoopOptions['run'] = async (cause, term) => {
    const runIo: Io = { ...io, stop: () => term, breakerOf, runId: newRunId(), errIsTerminal: false };
    const runLog = logOf(runIo, flags);
    const began = io.clock.now();
    state.began = began;
    const done = async (code: number, report?: RunReport) => {
      const told = report === undefined ? {} : { report };
      const metered = { began, ended: io.clock.now(), version: programVersion(), exitCode: code, ...told };
      state.ok = report !== undefined && code !== exitCode.failure;
      state.began = undefined;
      // What cannot be told must not end the loop.
      const untold = (error: unknown) => {
        runLog.warn(`the metrics of the run: ${reasonOf(error)}`);
        return state.metrics;
      };
      state.metrics = await exposition(runMetrics(metered), state.metrics).catch(untold);
    };
    try {
      const { report, lines } = await syncOnce(runIo, flags);
      for (const line of lines) runLog.info(line);
      runLog.info(describeRun(report, cause, io.clock.now() - began));
      const sources = sourcesOf(report);
      state.concerns = (name) => sources.some(({ concerns }) => concerns?.(name) === true);
      await done(report.exitCode, report);
      state.failure = undefined;
      return outcomeOf(report);
    } catch (error) {
      const problem = toProblem(error);
      const { code, message, next } = problem;
      if (!term.aborted) {
        runLog.error(`${code}: ${message}${next === undefined ? '' : `; ${next}`}`);
        // A run that fails is tried again within seconds: what each of them says is the same.
        if (code !== state.failure) await tellFailure(runIo, flags, problem);
        state.failure = code;
      }
      await done(error instanceof AppError ? exitCodeOf(error.code) : exitCode.failure);
      return { failed: ['run'] };
    }
  };

  const session = openZmsSession({ config: config.athenz, env: io.env, clock: io.clock, halt: { stop } });
  const delta = openDelta(session);
  const hasChanged = async () => {
    const refuse = () => new AppError('ZMS_UNAVAILABLE', 'polling for changes: skipped, as ZMS is down');
    try {
      const changed = await breakerOf(config.athenz.zmsUrl).run(delta.changed, refuse);
      return changed.some(({ name }) => state.concerns(name));
    } catch (error) {
      log.debug(`polling for changes: ${reasonOf(error)}`);
      return false;
    }
  };

  await using server = await serveProbes(flags.listen, {
    isAlive: () => state.began === undefined || io.clock.now() - state.began < longestRun,
    isReady: () => state.ok || !election.isLeader,
    isLeader: () => election.isLeader,
    metrics: async () => {
      const { rss: memory } = process.memoryUsage();
      return exposition([...loopMetrics({ queue, isLeader: election.isLeader, startedAt, memory })], state.metrics);
    },
  });
  log.info(`watching; probes and metrics at ${server.url}`);
  try {
    if (flags.poll !== 'off') await hasChanged();
    const { clock } = io;
    const { interval, poll } = flags;
    const times = { interval, jitter, random: Math.random, ...(poll === 'off' ? {} : { poll }) };
    // The lease is given back once the last run has ended: a git that was running goes on to its end.
    const over = new AbortController();
    const looping = loop({ clock, stop, ...times, queue, lead: election.lead, run, hasChanged });
    await Promise.all([election.run(over.signal), looping.finally(() => over.abort())]);
  } finally {
    await session.close();
    await election.close();
  }
  log.info('stopped');
  return exitCode.done;
}

/** One line about a run: how it ended, and what it came to. */
function describeRun(report: RunReport, cause: string, milliseconds: number): string {
  const changes = plansOf(report).reduce((sum, { changes }) => sum + changes.length, 0);
  const requests = sourcesOf(report).reduce((sum, { requests }) => sum + requests, 0);
  const found = troubles(report);
  const ends = found.length === 0 ? '' : `: ${found.join('; ')}`;
  const took = (Math.max(0, milliseconds) / 1000).toFixed(1);
  return `run (${cause}): ${count(changes, 'change')}, ${count(requests, 'request')}, ${took} s, exit code ${report.exitCode}${ends}`;
}
