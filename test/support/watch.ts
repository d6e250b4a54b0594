import { once } from 'node:events';
import { request } from 'undici';
import type { Generator } from '../../src/core/generator.ts';
import { generators } from '../../src/generators/list.ts';
import type { Fixture } from './fixture.ts';
import { gitEnv } from './repository.ts';

/** A loop between two runs. */
export interface Pause {
  /** Counted from 1. */
  readonly number: number;
  /** Milliseconds that it is going to sleep, and since the loop began. */
  readonly sleeps: number;
  readonly passed: number;
  /** Asks the loop for a page. */
  page(path: string): Promise<readonly [status: number, text: string]>;
  /** What ends the loop; it goes on to sleep first. */
  readonly stop: AbortController;
}

/** How a loop went: a line for each run, and all that it said. */
export interface Watched {
  readonly code: number;
  readonly runs: readonly string[];
  readonly err: string;
}

export interface WatchOptions {
  readonly args?: readonly string[];
  readonly from?: number;
  /** After so many it is stopped. */
  readonly pauses: number;
  /** By how much the clock has been set. */
  readonly set?: () => number;
  /** A generator besides those of the program. @param page as of `Pause` */
  readonly also?: (page: Pause['page']) => Generator;
  /** Sleeps of something else than the loop, which only a stop ends. */
  readonly hangs?: (milliseconds: number) => boolean;
}

/**
 * Watches on a clock on which waiting takes no time.
 *
 * @param during what happens in each pause
 */
export async function watch(
  fixture: Fixture,
  { args = [], from = Date.now(), pauses, set = () => 0, also, hangs = () => false }: WatchOptions,
  during: (pause: Pause) => void | Promise<void> = () => {},
): Promise<Watched> {
  const controller = new AbortController();
  let now = from;
  let number = 0;
  let url = '';
  const page = async (path: string) => {
    const { statusCode, body } = await request(`${url}${path}`);
    return [statusCode, await body.text()] as const;
  };
  const ran = await fixture.run(['watch', '--listen', '127.0.0.1:0', ...args], {
    env: gitEnv,
    stop: () => controller.signal,
    ...(also === undefined ? {} : { generators: async () => [...generators, also(page)] }),
    heard: (line) => {
      url = /probes and metrics at (\S+)/.exec(line)?.[1] ?? url;
    },
    clock: {
      now: () => now + set(),
      async sleep(milliseconds, signal) {
        // A read that waits for its next try does so for part of a few seconds, which is no pause of the loop.
        if (hangs(milliseconds)) return untilAborted(signal);
        const isRetry = signal === undefined || (milliseconds < 4000 && !Number.isInteger(milliseconds));
        const pause = { sleeps: milliseconds, passed: now - from, page, stop: controller };
        if (!isRetry) await during({ number: ++number, ...pause });
        // Woken, it is over at once.
        if (!signal?.aborted) now += milliseconds;
        if (number === pauses) controller.abort('SIGTERM');
      },
    },
  });
  const { code } = ran;
  const err = withoutTimes(ran.err);
  const said = err.matchAll(/^run \((\w+)\): (.*?), [\d.]+ s, exit code (.*)$/gm);
  return { code, err, runs: [...said].map(([, cause, what, ends]) => `${cause}: ${what}, ${ends}`) };
}

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === false) await once(signal, 'abort');
}

/** A log of `watch` as text without the time of each line. */
export function withoutTimes(log: string): string {
  return log.replaceAll(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z /gm, '');
}
