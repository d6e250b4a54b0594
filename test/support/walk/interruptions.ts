import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { badGateway, type Fault, primaryRateLimit, secondaryRateLimit } from '../github/fault.ts';
import { everyToken } from '../github/options.ts';
import { killGroup } from '../kill.ts';
import { gitEnv } from '../repository.ts';
import type { RunResult } from '../result.ts';
import type { Walk } from './walk.ts';

/** How a run goes. */
export type Interruption = 'none' | 'fault' | 'meanwhile' | 'two at once' | 'kill';

export const interruptionWeights: Readonly<Record<Interruption, number>> = {
  none: 10,
  fault: 6,
  meanwhile: 4,
  'two at once': 2,
  kill: 0.7,
};

export interface Tried {
  /** What went wrong, to be said. */
  readonly history: string;
  /** Of each run that came to its end. */
  readonly results: readonly (RunResult | undefined)[];
}

/** Everything GitHub may do to one request, by a name. */
const faults: Readonly<Record<string, (now: number) => Fault>> = {
  'bad gateway': () => badGateway(),
  'bad gateway, done': () => badGateway(true),
  reset: () => ({ kind: 'reset' }),
  'reset, done': () => ({ kind: 'reset', effect: true }),
  'secondary limit': () => secondaryRateLimit(1),
  'secondary limit, no word': () => secondaryRateLimit(),
  'primary limit': (now) => primaryRateLimit(new Date(now + 1000)),
  unauthenticated: () => status(401, 'Bad credentials'),
  forbidden: () => status(403, 'Resource not accessible by integration'),
  'not found': () => status(404, 'Not Found'),
  refused: () => status(422, 'Validation Failed'),
  'server error, done': () => ({ ...status(500, 'Server Error'), effect: true }),
  hidden: () => ({ kind: 'hidden', lists: 2 }),
  computing: () => ({ kind: 'computing' }),
};

function status(code: number, message: string): Extract<Fault, { kind: 'status' }> {
  return { kind: 'status', status: code, body: JSON.stringify({ message, status: String(code) }) };
}

/** A run has about as many requests. */
const requests = 12;

/** Runs sync with one kind of interruption. @param meanwhile what somebody does in the middle of it */
export async function runWith(
  walk: Walk,
  interruption: Interruption,
  meanwhile: () => Promise<string>,
): Promise<Tried> {
  const { random, fixture } = walk;
  const { github } = fixture;
  const at = 1 + random.below(requests);
  let seen = 0;
  switch (interruption) {
    case 'none':
      return { history: '', results: [await sync(walk)] };
    case 'fault': {
      const name = random.pick(Object.keys(faults));
      const lasts = random.chance(0.3);
      github.intercept(() => (++seen === at || (lasts && seen > at) ? faults[name]?.(Date.now()) : undefined));
      return within(walk, `${name} ${lasts ? 'from' : 'at'} ${at}`, async () => [await sync(walk)]);
    }
    case 'meanwhile': {
      const said: string[] = [];
      let busy = false;
      github.intercept(async () => {
        if (busy || ++seen !== at) return undefined;
        busy = true;
        said.push(await meanwhile());
        busy = false;
        return undefined;
      });
      const { results } = await within(walk, '', async () => [await sync(walk)]);
      return { history: `at ${at}: ${said.join() || 'nothing'}`, results };
    }
    case 'two at once':
      return { history: '', results: await Promise.all([sync(walk), sync(walk, walk.second)]) };
    case 'kill': {
      const effect = random.chance(0.5);
      const process = startProcess(walk);
      github.intercept(() => {
        if (++seen !== at) return undefined;
        // What was asked for may happen all the same, but nobody hears of it.
        killGroup(process.pid);
        return { kind: 'reset', effect };
      });
      return within(walk, `at ${at}${effect ? ', done' : ''}`, async () => {
        await process.ended;
        // A lock file that is left behind is cleared away once it is old.
        walk.ahead += 20 * 60_000;
        return [];
      });
    }
  }
}

async function within(
  { fixture }: Walk,
  history: string,
  run: () => Promise<readonly (RunResult | undefined)[]>,
): Promise<Tried> {
  try {
    return { history, results: await run() };
  } finally {
    fixture.github.intercept(undefined);
  }
}

/** Runs sync in this process; undefined when it could not do anything. */
export async function sync(walk: Walk, cwd: string = walk.fixture.dir): Promise<RunResult | undefined> {
  const clock = { now: walk.now, sleep: async () => {} };
  const { code, out, err } = await walk.fixture.run(['sync', '--json'], { cwd, clock });
  const text = `${out}${err}`;
  if (/INTERNAL|TypeError|ghp_/.test(text)) throw new Error(`it went wrong inside, or said the token: ${text}`);
  if (out !== '') {
    const result = JSON.parse(out) as RunResult;
    if (result.exitCode !== code) throw new Error(`${code} is said as ${result.exitCode}`);
    return result;
  }
  if (code !== 1) throw new Error(`${code} without a result: ${err}`);
  return undefined;
}

const bin = fileURLToPath(new URL('../../../bin/athenz-gitops.js', import.meta.url));
const clockAhead = new URL('./clock-ahead.ts', import.meta.url).href;

function startProcess({ fixture, ahead }: Walk): { readonly pid: number; readonly ended: Promise<unknown> } {
  const child = spawn(process.execPath, ['--import', clockAhead, bin, 'sync', '--quiet'], {
    cwd: fixture.dir,
    detached: true,
    stdio: 'ignore',
    env: { ...gitEnv, GITHUB_TOKEN: everyToken, CLOCK_AHEAD: String(ahead) },
  });
  return { pid: child.pid ?? 0, ended: once(child, 'exit') };
}
