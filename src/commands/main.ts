import { CommanderError } from 'commander';
import { AppError, exitCode, exitCodeOf, messageLines, toProblem } from '../model/error.ts';
import { cancelled } from '../model/halt.ts';
import { sentence } from '../model/text.ts';
import { createLog } from '../report/log.ts';
import { visible } from '../report/visible.ts';
import { guardOutput, type Io, processIo, stoppedCode } from '../run/io.ts';
import { fromHere, printError } from '../run/terminal.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line.
 *
 * @param args without `node` and the script
 * @returns the exit code; nothing is thrown
 */
export async function main(args: readonly string[], given: Io = ownIo(args)): Promise<number> {
  const io = guardOutput(given);
  const ended = { code: exitCode.done as number };
  const isJson = wantsJson(args);
  try {
    await createProgram(io, ended, isJson ? () => {} : io.err).parseAsync(args, { from: 'user' });
    // A command that only tells what it read says of the rest that it could not be read.
    const isCutOff = ended.code === exitCode.failure || ended.code === exitCode.partial;
    return isCutOff && io.stop().aborted ? stoppedCode(io.stop()) : ended.code;
  } catch (error) {
    const stop = io.stop();
    // Whatever it stumbled over: that is what was cut off.
    if (stop.aborted) {
      report(io, error instanceof AppError && error.code === 'CANCELLED' ? error : cancelled('working', error), args);
      return stoppedCode(stop);
    }
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.done;
      // As text it has been printed.
      return isJson ? reportJson(io, new AppError('USAGE', error.message.replace(/^error: /, ''))) : exitCode.usage;
    }
    const { tellActionsOfFailure } = await import('./actions.ts');
    await tellActionsOfFailure(io, error);
    return report(io, error, args);
  }
}

/** The process' own; what is thrown where nobody waits for it, as in a stream, is printed like any other error. */
function ownIo(args: readonly string[]): Io {
  const io = processIo();
  process.on('uncaughtException', (error) => process.exit(report(io, error, args)));
  return io;
}

/** The one place where an error is printed. */
function report(io: Io, error: unknown, args: readonly string[]): number {
  if (wantsJson(args)) return reportJson(io, error);
  const debug = args.includes('debug') || args.includes('--log-level=debug');
  if (!(error instanceof AppError)) {
    const words = error instanceof Error ? error.message : String(error);
    io.err(
      `error: INTERNAL: ${visible(words, 1000)}\n  This is a bug. Run again with --log-level debug and report what it shows.\n`,
    );
    if (debug && error instanceof Error) io.err(stackOf(error));
    return exitCode.failure;
  }
  const lines = messageLines(error).map((line) => visible(fromHere(io, line), 1000));
  printError(
    io,
    lines.length === 1 ? `error: ${error.code}: ${lines[0]}\n` : `error: ${error.code}:\n  ${lines.join('\n  ')}\n`,
  );
  if (error.next !== undefined) printError(io, `  ${sentence(visible(fromHere(io, error.next), 1000))}\n`);
  for (let cause = error.cause; debug && cause instanceof Error; cause = cause.cause)
    io.err(`  caused by ${stackOf(cause)}`);
  return exitCodeOf(error.code);
}

/** Whether a command line, which may be wrong, asks for a log of JSON. */
function wantsJson(args: readonly string[]): boolean {
  const at = args.indexOf('--log-format');
  return args.includes('--log-format=json') || (at >= 0 && args[at + 1] === 'json');
}

/** As `report`, as a line of the log. */
function reportJson(io: Io, error: unknown): number {
  const { code, message, next } = toProblem(error);
  const said = next === undefined ? '' : `. ${sentence(next)}`;
  createLog(io.err, { level: 'error', json: { now: io.clock.now, run: io.runId } }).error(`${code}: ${message}${said}`);
  return exitCodeOf(code);
}

/** The message, which may hold anything, on one line; then where it was thrown. */
function stackOf({ name, message, stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return [`${name}: ${message}`, ...frames].map((line) => `${visible(line, 1000)}\n`).join('');
}
