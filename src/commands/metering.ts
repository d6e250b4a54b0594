import { resolve } from 'node:path';
import { exitCodeOf, reasonOf, toProblem } from '../model/error.ts';
import type { Metric } from '../report/metrics/metric.ts';
import { runMetrics } from '../report/metrics/run.ts';
import type { RunReport } from '../report/run-report.ts';
import { type CommonFlags, type Io, logOf, stoppedCode } from '../run/io.ts';
import { programVersion } from '../run/version.ts';
import { readText } from '../runtime/file.ts';
import { pushText } from '../runtime/push.ts';
import { writeWholeFile } from '../runtime/whole-file.ts';

/** Where the metrics of a job go. */
export interface MetricsFlags {
  /** For the textfile collector of node_exporter. */
  readonly metricsFile?: string;
  /** Base URL of a Pushgateway. */
  readonly pushgateway?: string;
}

/** A run that says how it went. */
export interface Ran {
  readonly code: number;
  readonly report: RunReport;
}

/**
 * The metrics of a run that ends now.
 *
 * @param began milliseconds since the epoch
 * @param report not set where the run came to none
 */
export function metricsOf(
  { clock }: Pick<Io, 'clock'>,
  began: number,
  code: number,
  report?: RunReport,
): readonly Metric[] {
  const told = report === undefined ? {} : { report };
  return runMetrics({ began, ended: clock.now(), version: programVersion(), exitCode: code, ...told });
}

/**
 * Runs a job and writes or sends its metrics, however it ends. A failure to do so is a warning.
 *
 * @returns the exit code of the run
 * @throws what the run throws
 */
export async function metered(
  io: Io,
  flags: MetricsFlags & Pick<CommonFlags, 'logLevel' | 'quiet'>,
  run: () => Promise<Ran>,
): Promise<number> {
  const began = io.clock.now();
  const tell = async (code: number, report?: RunReport) => {
    if (flags.metricsFile === undefined && flags.pushgateway === undefined) return;
    await tellMetrics(io, flags, metricsOf(io, began, code, report));
  };
  try {
    const { code, report } = await run();
    await tell(code, report);
    return code;
  } catch (error) {
    await tell(codeOf(error, io));
    throw error;
  }
}

/** What the process will end with. */
function codeOf(error: unknown, io: Io): number {
  const stop = io.stop();
  if (stop.aborted) return stoppedCode(stop);
  return exitCodeOf(toProblem(error).code);
}

async function tellMetrics(
  io: Io,
  { metricsFile, pushgateway, ...flags }: Parameters<typeof metered>[1],
  metrics: readonly Metric[],
): Promise<void> {
  const { warn } = logOf(io, flags);
  // Loaded only where it is needed.
  const { exposition, readMetrics } = await import('../report/metrics/exposition.ts');
  if (metricsFile !== undefined) {
    const file = resolve(io.cwd, metricsFile);
    try {
      const before = await textOf(file);
      if (/[^\s\0]/.test(before) && readMetrics(before).length === 0) throw new Error('it is no file of metrics');
      await writeWholeFile(file, await exposition(metrics, before));
    } catch (error) {
      warn(`writing the metrics to ${metricsFile}: ${reasonOf(error)}`);
    }
  }
  // A stop leaves little time, and the next run tells the same.
  if (pushgateway === undefined || io.stop().aborted) return;
  try {
    const url = `${pushgateway.replace(/\/+$/, '')}/metrics/job/athenz-gitops`;
    // Replaces the metrics that are sent, and leaves the rest: the last success outlives a failure.
    const headers = { 'content-type': 'text/plain; version=0.0.4' };
    const body = await exposition(metrics);
    const { accepted, status, words } = await pushText(url, io.env, { method: 'POST', headers, body, stop: io.stop() });
    if (!accepted) throw new Error(`${status} ${words}`.trim());
  } catch (error) {
    warn(`pushing the metrics to ${new URL(pushgateway).host}: ${reasonOf(error)}`);
  }
}

/** Empty where there is none. @throws what reading throws */
function textOf(file: string): Promise<string> {
  return readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
