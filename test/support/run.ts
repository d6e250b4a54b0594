import { PassThrough } from 'node:stream';
import { main } from '../../src/commands/main.ts';
import { generators } from '../../src/generators/list.ts';
import type { Io } from '../../src/run/io.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a test may set; the rest is as in a pipe: no terminal, no colour, the real clock. `heard`: told what goes to stderr. */
export type RunOptions = Partial<Omit<Io, 'out' | 'err'>> & { readonly heard?: (line: string) => void };

/** Runs a command line in this process and gives what it printed. */
export async function runMain(args: readonly string[], { heard, ...options }: RunOptions = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const { PATH } = process.env;
  const code = await main(args, {
    // No HOME: no cache that outlives the test.
    env: { PATH },
    cwd: process.cwd(),
    clock: { now: () => Date.now(), sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)) },
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    dialog: { input: new PassThrough(), output: new PassThrough() },
    runId: 'test',
    untilStopped: async () => {},
    stop: () => new AbortController().signal,
    generators: async () => generators,
    ...options,
    out: (text) => out.push(text),
    err(text) {
      err.push(text);
      heard?.(text);
    },
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** Runs `sandbox` as in another terminal, from when it serves until it is disposed of. */
export async function serveSandbox(args: readonly string[], options: RunOptions): Promise<AsyncDisposable> {
  const [started, stop] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const untilStopped = () => {
    started.resolve();
    return stop.promise;
  };
  const serving = runMain(['sandbox', ...args], { ...options, untilStopped });
  await Promise.race([started.promise, serving]);
  return {
    async [Symbol.asyncDispose]() {
      stop.resolve();
      await serving;
    },
  };
}
