import { type ErrorCode, exitCode, exitCodeOf, reasonOf, toProblem } from '../model/error.ts';
import { count } from '../model/text.ts';
import { troubles } from '../report/conclusion.ts';
import { findings } from '../report/findings.ts';
import { exposition } from '../report/metrics/exposition.ts';
import { plansOf, type RunReport, sourcesOf } from '../report/run-report.ts';
import { watchedBy } from '../run/generators.ts';
import { type Io, logOf, newRunId } from '../run/io.ts';
import type { ObjectWatches } from '../run/object-watches.ts';
import type { LoopOptions } from '../watch/loop.ts';
import { outcomeOf } from '../watch/run.ts';
import { metricsOf } from './metering.ts';
import { type SyncFlags, syncOnce, tellFailure } from './sync.ts';

/** The runs of a loop, and what the last one left. */
export interface Runs {
  readonly run: LoopOptions['run'];
  /** When the run that is under way began, milliseconds since the epoch; undefined between two. */
  readonly began: number | undefined;
  /** The last run has done its job. */
  readonly ok: boolean;
  /** The metrics of all runs, as text. */
  readonly metrics: string;
  /** Whether the last run depended on a domain; any may matter before there was one. */
  concerns(domain: string): boolean;
}

/**
 * @param io with what outlives a run, such as breakers
 * @param watches follow what each run's config asks for
 */
export function openRuns(io: Io, flags: SyncFlags, watches: Pick<ObjectWatches, 'follow'>): Runs {
  let began: number | undefined;
  let ok = false;
  let metrics = '';
  /** The code of the last run's error; not set where it had none. */
  let failure: ErrorCode | undefined;
  let concerns = (_: string) => true;
  /** What the last run found, as it was logged. */
  let logged = '';

  async function done(runIo: Io, from: number, code: number, report?: RunReport): Promise<void> {
    ok = report !== undefined && code !== exitCode.failure;
    began = undefined;
    // Metrics that cannot be rendered must not end the loop.
    metrics = await exposition(metricsOf(io, from, code, report), metrics).catch((error) => {
      logOf(runIo, flags).warn(`the metrics of the run: ${reasonOf(error)}`);
      return metrics;
    });
  }

  return {
    async run(cause, term) {
      const runIo: Io = { ...io, stop: () => term, runId: newRunId(), errIsTerminal: false };
      const log = logOf(runIo, flags);
      const from = io.clock.now();
      began = from;
      try {
        let woken: readonly string[] = [];
        const { report, lines } = await syncOnce(runIo, flags, (workspace, configured) => {
          const watched = configured.map((it) => ({ name: it.generator.name, objects: watchedBy(it) }));
          woken = watched.flatMap(({ name, objects }) => (objects.length === 0 ? [] : [name]));
          const all = watched.flatMap(({ objects }) => objects);
          watches.follow(workspace, all, term);
        });
        for (const line of lines) log.info(line);
        const found = findings(report, (text) => text);
        // Each run finds the same until a person acts.
        if (found.join('\n') !== logged) for (const line of found) log.warn(line);
        logged = found.join('\n');
        log.info(describeRun(report, cause, io.clock.now() - from));
        const sources = sourcesOf(report);
        concerns = (name) => sources.some((it) => it.concerns?.(name) === true);
        failure = undefined;
        await done(runIo, from, report.exitCode, report);
        return outcomeOf(report, { woken, ...waitsOf(io) });
      } catch (error) {
        const problem = toProblem(error);
        const { code, message, next } = problem;
        if (!term.aborted) {
          log.error(`${code}: ${message}${next === undefined ? '' : `; ${next}`}`);
          // A run that fails is tried again within seconds: what each of them says is the same.
          if (code !== failure) await tellFailure(runIo, flags, problem);
          failure = code;
        }
        await done(runIo, from, exitCodeOf(code));
        return { failed: ['run'] };
      }
    },
    get began() {
      return began;
    },
    get ok() {
      return ok;
    },
    get metrics() {
      return metrics;
    },
    concerns: (domain) => concerns(domain),
  };
}

/** When what a run left for another is due. */
function waitsOf({ pushes }: Io): { readonly waitsUntil?: number } {
  const due = pushes?.due();
  return due === undefined ? {} : { waitsUntil: due };
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
