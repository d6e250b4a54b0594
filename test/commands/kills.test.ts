import assert from 'node:assert/strict';
import { cp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RunResult } from '../../src/model/result.ts';
import { effort } from '../support/effort.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { type Kill, type Killer, killAlone, killGroup, openKiller, watchLocks } from '../support/kill.ts';
import { gitIn } from '../support/repository.ts';
import { age, every, leftoversIn, openSyncFixture, type SyncFixture } from '../support/sync-fixture.ts';

const sync = ['sync', '--quiet'];
const render = ['render', '--quiet'];
const minutes = 60_000;

/** The ways to kill around a git, another one first at each step; all of them where there is time. */
function waysAt(at: number): readonly Extract<Kill, { kind: 'git' }>['how'][] {
  const ways = ['program', 'half', 'cut', 'before'] as const;
  return ways.map((_, index) => ways[(at + index) % ways.length] ?? 'before').slice(0, effort(1));
}

for (const [where, remote] of [
  ['in this repository', false],
  ['through a remote', true],
] as const) {
  test(`a sync that is killed leaves nothing half-done, and the next one finishes, ${where}`, async (t) => {
    await using fixture = await openSyncFixture(remote);
    await using killer = await openKiller();
    const states = await statesOf(fixture, killer);

    await t.test('killed around any of its gits', async () => {
      // The steps are nearly the same with a remote: not all of them both times, unless there is time.
      for (let at = 1, ended = false; !ended; at += every(remote ? 3 : 1)) {
        for (const how of waysAt(at)) {
          ended = await survive(fixture, states, () => killer.run(fixture.dir, sync, { kind: 'git', at, how }));
        }
        // As many as there are gits before, between and after the commits on three branches.
        if (ended) assert.ok(at > 15, `${at}`);
      }
    });

    await t.test('killed while git has refs locked', async () => {
      for (let at = 1, ended = false; !ended; at += every(remote ? 2 : 1)) {
        ended = await survive(fixture, states, async () => {
          await watchLocks(fixture.dir);
          const code = await killer.run(fixture.dir, sync, { kind: 'lock', at });
          if (code === null) assert.notDeepEqual(await leftoversIn(fixture.dir), []);
          return code;
        });
        if (ended) assert.ok(at > 2, `${at}`);
      }
    });

    await t.test('killed at any time', async () => {
      for (let left = effort(80); left > 0; left--) {
        await survive(fixture, states, async () => {
          const { pid, ended } = await killer.start(fixture.dir, sync);
          await Promise.race([setTimeout(Math.random() * 1000), ended]);
          // A remote is another machine: it goes on.
          if (remote) killAlone(pid);
          else killGroup(pid);
          return ended;
        });
      }
    });

    if (remote) return;
    await t.test('its git killed between a branch and its note', async () => {
      for (const at of [1, 2, 3]) {
        await survive(fixture, states, async () => {
          await watchLocks(fixture.dir);
          const code = await killer.run(fixture.dir, sync, { kind: 'lock', at });
          const [first, second] = await killer.locked();
          if (first === undefined || second === undefined) throw new Error(`step ${at} moves one ref alone`);
          // What git does next.
          const file = join(fixture.dir, '.git', first.ref);
          if (first.goes) await rm(file);
          else await rename(`${file}.lock`, file);
          return code;
        });
      }
    });

    await t.test('killed at any request, when nothing is written yet', async () => {
      for (let at = 1, ended = false; !ended; at += every(5)) {
        ended = await survive(fixture, states, async () => {
          const running = await killer.start(fixture.dir, sync);
          const before = fixture.sandbox.requests.length;
          fixture.sandbox.intercept(() => {
            if (fixture.sandbox.requests.length - before + 1 === at) killGroup(running.pid);
            return undefined;
          });
          const code = await running.ended;
          fixture.sandbox.intercept(undefined);
          if (code === null) assert.deepEqual(fixture.outcome(), states.before);
          return code;
        });
      }
    });
  });
}

test('a render killed at any change of a file leaves whole files, and the next one finishes', async () => {
  await using fixture = await openFixture({ rendered: true });
  await using killer = await openKiller();
  const before = await readFiles(fixture.dir, 'output');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
  // Two namespaces leave, two come.
  await fixture.commit({
    'clusters/prod/namespaces.yaml': '[checkout, new, newer, payments-api, payments-web, search]\n',
  });
  await killer.run(fixture.dir, render);
  const after = await readFiles(fixture.dir, 'output');
  assert.deepEqual([after.size, new Set([...before.keys(), ...after.keys()]).size], [6, 8]);
  const kills = { before: 0, half: 0 };
  for (const how of ['before', 'half'] as const) {
    for (let at = 1; ; at++) {
      fixture.git('reset', '--quiet', '--hard');
      fixture.git('clean', '-fdq');
      const code = await killer.run(fixture.dir, render, { kind: 'write', at, how });
      await checkWhole(fixture, before, after);
      await fixture.expect(0, render);
      assert.deepEqual(await readFiles(fixture.dir, 'output'), after);
      if (code === 0) break;
      assert.equal(code, null);
      kills[how]++;
    }
  }
  assert.ok(kills.before >= 11, `${kills.before}`);
  assert.equal(kills.half, 3);
});

test('a run killed at any write of the cache leaves entries that are whole or none, and the next one goes on', async () => {
  await using fixture = await openFixture({ cached: true });
  await using killer = await openKiller();
  const cache = join(dirname(fixture.paths.credentials.keyPath), 'cache');
  await fixture.expect(0, ['plan']);
  await cp(cache, `${cache}.kept`, { recursive: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
  fixture.removeDomain('acme.eks.checkout');
  const plan = async () => {
    const { plan } = JSON.parse((await fixture.expect(0, ['plan', '--json'])).out) as RunResult;
    return { ...plan, at: '' };
  };
  const expected = await plan();
  const kills = { before: 0, half: 0 };
  for (const how of ['before', 'half'] as const) {
    for (let at = 1; ; at++) {
      await rm(cache, { recursive: true });
      await cp(`${cache}.kept`, cache, { recursive: true });
      const code = await killer.run(fixture.dir, ['plan'], { kind: 'write', at, how });
      assert.deepEqual(await plan(), expected);
      const before = fixture.sandbox.requests.length;
      assert.deepEqual(await plan(), expected);
      assert.equal(fixture.sandbox.requests.length - before, 1, 'the cache is complete again');
      if (code === 0) break;
      assert.equal(code, null);
      kills[how]++;
    }
  }
  assert.ok(kills.before >= 4, `${kills.before}`);
  assert.equal(kills.half, 1);
});

/** What a sync starts from and ends with. */
interface States {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function statesOf(fixture: SyncFixture, killer: Killer): Promise<States> {
  const before = fixture.outcome();
  assert.equal(await killer.run(fixture.dir, sync), 0);
  const after = fixture.outcome();
  assert.notDeepEqual(after, before);
  await fixture.restore();
  return { before, after };
}

/** Runs what is killed, and then what is not; gives whether it came to its end after all, as there was nothing to kill at. */
async function survive(fixture: SyncFixture, states: States, run: () => Promise<number | null>): Promise<boolean> {
  const code = await run();
  assert.ok(code === 0 || code === null, `${code}`);
  const dirs = [...new Set([fixture.dir, fixture.target])];
  for (const dir of dirs) gitIn(dir, 'fsck', '--strict', '--no-dangling');
  const { before, after } = states;
  for (const line of fixture.outcome()) {
    assert.ok(before.includes(line) || after.includes(line) || line.endsWith(': on another commit'), line);
  }
  await age(fixture.dir, 15 * minutes);
  await fixture.expect(0, sync);
  assert.deepEqual(fixture.outcome(), after);
  for (const dir of dirs) assert.deepEqual(await leftoversIn(dir), []);
  await fixture.restore();
  return code === 0;
}

/** Every file is as it was or as it shall be; others are not files of the output. */
async function checkWhole(
  { dir }: Fixture,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [path, text] of await readFiles(dir, 'output')) {
    if (path.endsWith('.tmp')) continue;
    assert.ok(text === before.get(path) || text === after.get(path), path);
  }
}
