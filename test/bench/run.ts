import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnv } from '../support/repository.ts';
import { bin } from './program.ts';

/** What a command line took. */
export interface Took {
  /** Seconds of CPU, git's own included. */
  readonly cpu: number;
  /** The peak of its memory, MB. */
  readonly peak: number;
}

/**
 * Runs a command line in a process of its own; `NODE_ARGS` goes to its Node.
 *
 * @param cwd the repository
 * @param folder for what is measured
 */
export async function runMeasured(cwd: string, folder: string, args: readonly string[]): Promise<Took> {
  const peak = join(folder, 'peak');
  const script = `TIMEFORMAT='%U %S'; time "$0" \${NODE_ARGS} --import "$1" "$2" "\${@:3}"; code=$?; exit $code`;
  const hook = `data:text/javascript,${encodeURIComponent(
    `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(peak)},String(process.resourceUsage().maxRSS)))`,
  )}`;
  const child = spawn('bash', ['--norc', '-c', script, process.execPath, hook, bin, ...args], {
    cwd,
    env: { ...gitEnv, PATH: process.env['PATH'], NODE_ARGS: process.env['NODE_ARGS'] },
  });
  let err = '';
  child.stdout.pipe(process.stdout);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
  const [user = 0, system = 0] = (err.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { cpu: user + system, peak: Math.round(Number(await readFile(peak, 'utf8')) / 1024) };
}
