import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Generator } from '../core/generator.ts';
import type { Breaker } from '../model/breaker.ts';
import type { Clock } from '../model/clock.ts';
import { AppError, exitCode } from '../model/error.ts';
import { createLog, type Log, type LogFormat, type LogLevel } from '../report/log.ts';
import { withoutCommands } from '../report/runner.ts';
import { visible } from '../report/visible.ts';
import { wrapText } from '../report/wrap.ts';
import type { PushLimit } from '../runtime/push-limit.ts';

/** Everything a command touches besides files, git and the network: handed in, so that tests bring their own. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly clock: Clock;
  /** Results. */
  out(text: string): void;
  /** Logs, errors and progress. */
  err(text: string): void;
  /** Gives commands to the CI runner that reads what is printed; undefined before `guardOutput` took them out of everything else. */
  readonly command?: (lines: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Columns of the terminal; not set where there is none. */
  readonly outWidth?: number | undefined;
  readonly errWidth?: number | undefined;
  /** Where questions are asked and answered, when stdin and stderr are a terminal. */
  readonly dialog: { readonly input: Readable; readonly output: Writable };
  /** The generators, in the order of reports. Loaded on first use. */
  generators(): Promise<readonly Generator[]>;
  /** Ends when the user asks to stop (SIGINT, SIGTERM). */
  untilStopped(): Promise<void>;
  /** Names the run in its log. */
  readonly runId: string;
  /** The breaker of a server, where it outlives a run. */
  breakerOf?(url: string): Breaker;
  /** How often remotes are pushed to, where that counts over several runs. */
  readonly pushes?: PushLimit;
  /** Aborted when the user asks to stop; the reason is the signal's name. Once asked for, a signal alone ends nothing. */
  stop(): AbortSignal;
}

/** Options every command has. */
export interface CommonFlags {
  readonly config: string;
  readonly cluster?: readonly string[];
  readonly json?: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat?: LogFormat;
  readonly quiet?: boolean;
  /** Lines of a text log begin with the time: whoever runs for long has to say it, where a job's log gets it from its platform. */
  readonly timestamps?: boolean;
}

/** The process' own. */
export function processIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) is no failure.
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`error: OUTPUT_WRITE: writing to stdout: ${error.message}\n`);
    process.exit(exitCode.failure);
  });
  // What nobody can be told must not stop a run half-way: the exit code still says how it ended.
  process.stderr.on('error', () => {});
  // Node and undici call experimental what no user can change; everything else they warn of is said.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') process.stderr.write(`warning: ${name}: ${visible(message)}\n`);
  });
  const env = takeEnvironment(process.env);
  const stop = onceOnly(stopSignal);
  // Node obeys it wherever a library opens a connection of its own, such as to the identity provider of a kubeconfig.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  return {
    env,
    runId: newRunId(),
    get cwd() {
      return workingDirectory();
    },
    clock: { now: () => Date.now(), sleep },
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    inIsTerminal: process.stdin.isTTY === true,
    outWidth: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    errWidth: process.stderr.isTTY === true ? process.stderr.columns : undefined,
    dialog: { input: process.stdin, output: process.stderr },
    generators: async () => (await import('../generators/list.ts')).generators,
    untilStopped: () => new Promise((done) => stop().addEventListener('abort', () => done())),
    stop,
  };
}

/** Eight hexadecimal digits. */
export function newRunId(): string {
  return randomUUID().slice(0, 8);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return setTimeout(milliseconds);
  return setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}

/** Milliseconds in which a command has to end: platforms kill a process 7.5 s (GitHub Actions) or 30 s (Kubernetes) after asking. */
const grace = 20_000;

/** Listens for the signals that ask the process to end; a second one, or too long a wait, ends it on the spot. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(stoppedCode(controller.signal));
      controller.abort(signal);
      setTimeout(grace, undefined, { ref: false }).then(() => process.exit(stoppedCode(controller.signal)));
    });
  }
  return controller.signal;
}

function onceOnly<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** What a process ends with that was asked to by a signal, as a shell says it: 128 and the signal's number. */
export function stoppedCode({ reason }: AbortSignal): number {
  return reason === 'SIGINT' ? 130 : 143;
}

/** Credentials that the program takes from its environment. */
const ownSecrets = /^(ATHENZ_.*|GITHUB_TOKEN|GITHUB_APP_.*)$/;

/**
 * Takes our credentials out of the environment that every child process inherits, one that a library starts (an exec plugin
 * of a kubeconfig) too.
 *
 * @returns the environment as it was
 */
export function takeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const taken = { ...env };
  for (const name of Object.keys(env)) if (ownSecrets.test(name)) delete env[name];
  return taken;
}

/**
 * As `io`, but only a person at a terminal gets text that a CI runner would take for a command: everything that a pipe carries
 * may end in a job's log, also out of a container that does not know of the job.
 */
export function guardOutput(io: Io): Io {
  const print = (isTerminal: boolean, text: string) => (isTerminal && !io.env['CI'] ? text : withoutCommands(text));
  return {
    ...io,
    out: (text) => io.out(print(io.outIsTerminal, text)),
    err: (text) => io.err(print(io.errIsTerminal, text)),
    command: (lines) => io.err(lines),
  };
}

/** @throws AppError `USAGE` where it is gone */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new AppError('USAGE', 'the working directory no longer exists', {
      next: 'change to an existing folder',
      cause: error,
    });
  }
}

/** The log of a command: on stderr, with `--quiet` only errors and what is ignored. */
export function logOf(
  io: Io,
  {
    logLevel: level,
    logFormat,
    quiet,
    timestamps,
  }: Pick<CommonFlags, 'logLevel' | 'logFormat' | 'quiet' | 'timestamps'>,
): Log {
  const { now } = io.clock;
  const json = logFormat === 'json' ? { now, run: io.runId } : undefined;
  const print = json === undefined ? (text: string) => io.err(wrapText(text, io.errWidth)) : io.err;
  return createLog(print, { level, quiet, json, now: timestamps ? now : undefined });
}
