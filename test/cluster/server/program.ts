import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SetupError } from './setup-error.ts';

/** A program that was started, and everything that it starts: all of it ends with its block, with us, or by the signal. */
export interface Program extends AsyncDisposable {
  /** Its exit code; `null` when it was killed. */
  readonly ended: Promise<number | null>;
}

export interface StartOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File for all it prints; default: our own output. */
  readonly log?: string;
}

export async function start(command: string, args: readonly string[], options: StartOptions): Promise<Program> {
  const { signal, cwd, env, log } = options;
  signal.throwIfAborted();
  await using file = log === undefined ? undefined : await open(log, 'a');
  const out = file?.fd ?? 'inherit';
  // A group of its own: it is ended as a whole, and an interrupt at the keyboard does not reach it before us.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', out, out] });
  let over = false;
  const kill = () => {
    if (child.pid !== undefined && !over) killGroup(child.pid);
  };
  signal.addEventListener('abort', kill);
  process.once('exit', kill);
  const ended = once(child, 'exit').then(
    ([code]) => code as number | null,
    (error: Error) => {
      throw new SetupError(`${command} does not start: ${error.message}`);
    },
  );
  const after = () => {
    // What it left behind goes at once: later its number may be another one's.
    kill();
    over = true;
    signal.removeEventListener('abort', kill);
    process.off('exit', kill);
  };
  const settled = ended.then(after, after);
  return {
    ended,
    async [Symbol.asyncDispose]() {
      kill();
      await settled;
    },
  };
}

/** Runs a program to its end; where that is a failure, its last words are in the error. */
export async function complete(command: string, args: readonly string[], options: StartOptions & { log: string }) {
  await using program = await start(command, args, options);
  const code = await program.ended;
  options.signal.throwIfAborted();
  if (code !== 0) throw new SetupError(`${command} ${args[0]} failed (${code}): ${await lastWords(options.log)}`);
}

/** What a short command prints, without the last line break. */
export async function output(command: string, args: readonly string[], options: Omit<StartOptions, 'log'>) {
  try {
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 26, ...options });
    return stdout.trimEnd();
  } catch (error) {
    options.signal.throwIfAborted();
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw new SetupError(`${command} ${args[0]} failed: ${shorten(stderr || message)}`);
  }
}

/** The end of a log, on one line. */
export async function lastWords(log: string): Promise<string> {
  return shorten(await readFile(log, 'utf8').catch(() => '')) || 'it said nothing';
}

function shorten(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-5).join(' | ');
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
