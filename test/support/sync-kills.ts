import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Killer, killAlone, type Stop, watchLocks } from './kill.ts';
import type { Random } from './random.ts';
import { gitIn } from './repository.ts';
import { age, leftoversIn, type SyncFixture } from './sync-fixture.ts';
import { isChaos, spread, stepsOr } from './tier.ts';

const sync = ['sync', '--quiet'];
const minutes = 60_000;
const ways = ['program', 'half', 'cut', 'before'] as const;
type Way = (typeof ways)[number];

/** Kills a sync, checks what it leaves, and checks that the next one finishes the job. */
export interface SyncKills {
  /** Before, in and after each git that it starts. @param some the ways to kill in `npm test`, each at another git */
  aroundGit(some: readonly Way[]): Promise<void>;
  /** Asks it to end, at each git that it starts. @param some at how many of them in `npm test` */
  askedAtGit(how: Stop, some: number): Promise<void>;
  /** Asks it to end, at each request to ZMS. @param some at which of them in `npm test` */
  askedAtRequest(some: readonly number[]): Promise<void>;
  /** While git has refs locked. @param some at which times in `npm test` */
  whileLocked(some: readonly number[]): Promise<void>;
  /** After random times. @param remote kills the program alone: a remote is another machine and goes on */
  atRandom(times: number, random: Random, remote: boolean): Promise<void>;
  /** Between the branch and the note, which git moves one after the other. */
  betweenRefs(steps: readonly number[]): Promise<void>;
  /** At each request to ZMS. @param some at which of them in `npm test` */
  atRequest(some: readonly number[]): Promise<void>;
}

export async function prepareSyncKills(fixture: SyncFixture, killer: Killer): Promise<SyncKills> {
  const before = fixture.outcome();
  assert.equal(await killer.run(fixture.dir, sync), 0);
  const calls = await killer.calls();
  // As many gits as there are before, between and after the commits on three branches.
  assert.ok(calls > 15, `${calls}`);
  const after = fixture.outcome();
  assert.notDeepEqual(after, before);
  await fixture.restore();
  const dirs = [...new Set([fixture.dir, fixture.target])];

  /** Whether the run that was to be killed finished: there was nothing left to kill at. */
  async function survive(run: () => Promise<number | null>): Promise<boolean> {
    try {
      const code = await run();
      assert.ok([0, null, 130, 143].includes(code), `${code}`);
      // Asked to end, it clears up by itself.
      if (code !== null) for (const dir of dirs) assert.deepEqual(await leftoversIn(dir), []);
      for (const dir of dirs) gitIn(dir, 'fsck', '--strict', '--no-dangling');
      for (const line of fixture.outcome()) {
        assert.ok(before.includes(line) || after.includes(line) || line.endsWith(': on another commit'), line);
      }
      await age(fixture.dir, 15 * minutes);
      await fixture.expect(0, sync);
      assert.deepEqual(fixture.outcome(), after);
      for (const dir of dirs) assert.deepEqual(await leftoversIn(dir), []);
      return code === 0;
    } finally {
      await fixture.restore();
    }
  }

  return {
    async aroundGit(some) {
      for (const [index, at] of spread(calls, some.length).entries()) {
        for (const how of isChaos ? ways : some.slice(index, index + 1)) {
          const ended = await survive(() => killer.run(fixture.dir, sync, { kind: 'git', at, how }));
          // A run may start a git more or less than the first one: a fetch is tried again.
          assert.ok(!ended || at > 15, `${at} of ${calls}`);
        }
      }
    },
    async askedAtGit(how, some) {
      for (const at of spread(calls, some)) {
        const ended = await survive(() => killer.run(fixture.dir, sync, { kind: 'git', at, how }));
        assert.ok(!ended || at > 15, `${at} of ${calls}`);
      }
    },
    async askedAtRequest(some) {
      for (const at of stepsOr(some)) {
        const ended = await survive(async () => {
          const running = await killer.start(fixture.dir, sync);
          const seen = fixture.sandbox.requests.length;
          fixture.sandbox.intercept(() => {
            if (fixture.sandbox.requests.length - seen + 1 !== at) return undefined;
            process.kill(running.pid, 'SIGTERM');
            return { kind: 'hang' };
          });
          const code = await running.ended;
          fixture.sandbox.intercept(undefined);
          if (code !== 0) assert.deepEqual([code, fixture.outcome()], [143, before]);
          return code;
        });
        if (!ended) continue;
        assert.ok(at > 2, `${at}`);
        break;
      }
    },
    async whileLocked(some) {
      for (const at of stepsOr(some)) {
        const ended = await survive(async () => {
          await watchLocks(fixture.dir);
          const code = await killer.run(fixture.dir, sync, { kind: 'lock', at });
          if (code === null) assert.notDeepEqual(await leftoversIn(fixture.dir), []);
          return code;
        });
        if (!ended) continue;
        assert.ok(at > 2, `${at}`);
        break;
      }
    },
    async atRandom(times, random, remote) {
      for (let left = times; left > 0; left--) {
        await survive(async () => {
          const running = await killer.start(fixture.dir, sync);
          await Promise.race([setTimeout(random.below(1000)), running.ended]);
          if (remote) killAlone(running.pid);
          else running.kill();
          return running.ended;
        });
      }
    },
    async betweenRefs(steps) {
      for (const at of steps) {
        await survive(async () => {
          await watchLocks(fixture.dir);
          const code = await killer.run(fixture.dir, sync, { kind: 'lock', at });
          const [first, second] = await killer.locked();
          if (first === undefined || second === undefined) throw new Error(`step ${at} moves one ref alone`);
          // What git would do next.
          const file = join(fixture.dir, '.git', first.ref);
          if (first.goes) await rm(file);
          else await rename(`${file}.lock`, file);
          return code;
        });
      }
    },
    async atRequest(some) {
      for (const at of stepsOr(some)) {
        const ended = await survive(async () => {
          const running = await killer.start(fixture.dir, sync);
          const seen = fixture.sandbox.requests.length;
          fixture.sandbox.intercept(() => {
            if (fixture.sandbox.requests.length - seen + 1 === at) running.kill();
            return undefined;
          });
          const code = await running.ended;
          fixture.sandbox.intercept(undefined);
          if (code === null) assert.deepEqual(fixture.outcome(), before);
          return code;
        });
        if (!ended) continue;
        assert.ok(at > 2, `${at}`);
        break;
      }
    },
  };
}
