import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

/** What one run of a process took, its children included but for the peak. */
export interface Took {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of CPU, user and system. */
  readonly cpu: number;
  /** Peak of the resident memory of the process itself, MB; undefined where there is no `/proc`. */
  readonly peak: number | undefined;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** How it has to end. Default: 0. */
  readonly code?: number;
}

/** Runs a whole process. @throws where it ends with another exit code */
export async function measure({ program, args, cwd, env = {}, code: wanted = 0 }: Command): Promise<Took> {
  // bash waits for the process and knows what it and its children took.
  const script = 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null; code=$?; exit $code';
  const child = spawn('bash', ['--norc', '-c', script, program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], GIT_CONFIG_NOSYSTEM: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  let peak: number | undefined;
  const watch = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
  }, 10);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  if (code !== wanted) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${err}`);
  const [wall = 0, user = 0, system = 0] = (err.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, cpu: user + system, peak };
}

/** The peak so far of the one child of a shell. */
function peakOf(shell: number | undefined): number | undefined {
  try {
    const [pid] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
    const kB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kB === undefined ? undefined : Math.round(Number(kB) / 1024);
  } catch {
    // It has ended.
    return undefined;
  }
}

/** The least, the middle and the most of some figures. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}
