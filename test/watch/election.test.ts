import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { FoundLease, Lease, LeaseStore } from '../../src/cluster/lease.ts';
import type { Clock } from '../../src/model/clock.ts';
import { type Election, nextLease, openElection, type Seen } from '../../src/watch/election.ts';

const now = Date.parse('2026-11-28T12:00:00Z');
const held: FoundLease = {
  holder: 'other',
  seconds: 15,
  renewed: '2026-11-28T11:59:58.000000Z',
  acquired: '2026-11-28T11:00:00.000000Z',
  transitions: 3,
  resourceVersion: '7',
};

const decisions: readonly (readonly [name: string, seen: Seen, writes: Partial<Lease> | undefined])[] = [
  ['no Lease: creates it', { lease: undefined, changedAt: now }, { holder: 'me', transitions: 0, seconds: 15 }],
  ['held by another: waits', { lease: held, changedAt: now - 14_999 }, undefined],
  ['held by another, unchanged for 15 s: takes it', { lease: held, changedAt: now - 15_000 }, { transitions: 4 }],
  ['another duration counts', { lease: { ...held, seconds: 60 }, changedAt: now - 59_000 }, undefined],
  ['given back: takes it at once', { lease: { ...held, holder: '' }, changedAt: now }, { transitions: 4 }],
  [
    'its own: renews it',
    { lease: { ...held, holder: 'me' }, changedAt: now - 60_000 },
    { transitions: 3, acquired: held.acquired, renewed: '2026-11-28T12:00:00.000000Z' },
  ],
  [
    'renewed in the future by a clock that is ahead, and unchanged for 15 s: takes it',
    { lease: { ...held, renewed: '2027-01-01T00:00:00Z' }, changedAt: now - 15_000 },
    { holder: 'me' },
  ],
];
for (const [name, seen, writes] of decisions) {
  test(name, () => {
    const lease = nextLease(seen, 'me', now, '2026-11-28T12:00:00.000000Z');
    if (writes === undefined) assert.equal(lease, undefined);
    else assert.deepEqual({ ...lease, ...writes }, lease);
  });
}

/** A Lease in memory. */
function memoryStore(): LeaseStore & { lease: FoundLease | undefined } {
  const store = {
    lease: undefined as FoundLease | undefined,
    read: async () => store.lease,
    async write(lease: Lease, before: FoundLease | undefined) {
      if (before?.resourceVersion !== store.lease?.resourceVersion) return false;
      store.lease = { ...lease, resourceVersion: String(Number(store.lease?.resourceVersion ?? 0) + 1) };
      return true;
    },
  };
  return store;
}

/** Time that passes two seconds at a time, for all replicas together. */
interface Steps {
  readonly clock: Clock;
  readonly elapsed: () => number;
  step(times?: number): Promise<void>;
  /** Somebody sets the clock of the machine; sleeps go on. */
  set(milliseconds: number): void;
}

function steps(): Steps {
  let time = 0;
  let ahead = now;
  const waiting = new Set<{ readonly at: number; done(): void }>();
  return {
    clock: {
      now: () => ahead + time,
      sleep: (milliseconds, signal) =>
        new Promise((woken) => {
          const sleeper = { at: time + milliseconds, done };
          function done(): void {
            waiting.delete(sleeper);
            signal?.removeEventListener('abort', done);
            woken();
          }
          if (signal?.aborted) return woken();
          waiting.add(sleeper);
          signal?.addEventListener('abort', done);
        }),
    },
    elapsed: () => time,
    async step(times = 1) {
      for (let left = times; left > 0; left--) {
        time += 2000;
        for (const it of [...waiting]) if (it.at <= time) it.done();
        for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      }
    },
    set(milliseconds) {
      ahead += milliseconds;
    },
  };
}

interface Replica {
  readonly election: Election;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

function replica(store: LeaseStore, identity: string, time: Pick<Steps, 'clock' | 'elapsed'>): Replica {
  const election = openElection({ store, identity, log: () => {}, clock: time.clock, elapsed: time.elapsed });
  const stop = new AbortController();
  return { election, stop, ended: election.run(stop.signal) };
}

test('one of two replicas leads, and the other takes over when it stops', async () => {
  const store = memoryStore();
  const time = steps();
  const [a, b] = [replica(store, 'a', time), replica(store, 'b', time)];
  await time.step(3);
  assert.deepEqual([a.election.isLeader, b.election.isLeader], [true, false]);
  const term = await a.election.lead(a.stop.signal);
  a.stop.abort();
  await a.ended;
  assert.deepEqual([term.aborted, store.lease?.holder], [true, '']);
  await time.step();
  assert.deepEqual([a.election.isLeader, b.election.isLeader], [false, true]);
  b.stop.abort();
  await b.ended;
});

/** How the API server of one replica fails, and by how much its machine's clock is set meanwhile. */
const failures: readonly (readonly [name: string, call: () => Promise<never>, set: number])[] = [
  ['refuses each request', () => Promise.reject(new Error('no connection')), 0],
  ['hangs', () => new Promise(() => {}), 0],
  [
    'refuses each request, and its clock goes back an hour',
    () => Promise.reject(new Error('no connection')),
    -3_600_000,
  ],
];
for (const [name, fail, set] of failures) {
  test(`a leader whose API server ${name} stops before another one takes over`, async () => {
    const store = memoryStore();
    const time = steps();
    let isCut = false;
    const cut = <T>(call: () => Promise<T>): Promise<T> => (isCut ? fail() : call());
    const a = replica(
      { read: () => cut(() => store.read()), write: (...args) => cut(() => store.write(...args)) },
      'a',
      time,
    );
    await time.step(2);
    const b = replica(store, 'b', time);
    await time.step();
    const term = await a.election.lead(a.stop.signal);
    isCut = true;
    time.set(set);
    for (let times = 0; times < 10; times++) {
      await time.step();
      assert.ok(!(a.election.isLeader && b.election.isLeader), 'two leaders');
    }
    assert.deepEqual([term.aborted, a.election.isLeader, b.election.isLeader], [true, false, true]);
    b.stop.abort();
    await b.ended;
  });
}

test('an answer that comes when the time is up makes no leader', async () => {
  const store = memoryStore();
  const time = steps();
  const answer = Promise.withResolvers<void>();
  const late = async (...args: Parameters<LeaseStore['write']>) => {
    const written = await store.write(...args);
    await answer.promise;
    return written;
  };
  const a = replica({ read: store.read, write: late }, 'a', time);
  await time.step(6);
  answer.resolve();
  // Seen between two steps: the next one renews what is held by now.
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  assert.deepEqual([store.lease?.holder, a.election.isLeader], ['a', false]);
  await time.step();
  assert.equal(a.election.isLeader, true);
  a.stop.abort();
  await a.ended;
});

test('the same trouble is logged once, and again after a success', async () => {
  const store = memoryStore();
  const time = steps();
  const said: string[] = [];
  let isCut = true;
  const read = () => (isCut ? Promise.reject(new Error('no connection')) : store.read());
  const options = { store: { ...store, read }, identity: 'a', clock: time.clock, elapsed: time.elapsed };
  const stop = new AbortController();
  const ended = openElection({ ...options, log: (line) => said.push(line) }).run(stop.signal);
  await time.step(3);
  isCut = false;
  await time.step(3);
  isCut = true;
  await time.step(8);
  stop.abort();
  await ended;
  const trouble = 'election: no connection';
  assert.deepEqual(said, [trouble, 'leading as a', trouble, 'no longer the leader: the lease could not be renewed']);
});

test('each turn leaves nothing behind on the signal that ends all', async () => {
  const store = memoryStore();
  const time = steps();
  const { election, stop, ended } = replica(store, 'a', time);
  for (let turns = 0; turns < 5; turns++) {
    await time.step(2);
    await election.lead(stop.signal);
    // Another one takes it.
    store.lease = { ...held, resourceVersion: String(100 * (turns + 1)) };
    await time.step(1);
    assert.equal(election.isLeader, false);
    await time.step(8);
  }
  // The sleep of the loop itself.
  assert.ok(getEventListeners(stop.signal, 'abort').length <= 1);
  stop.abort();
  await ended;
});

test('a replica that waits for its turn ends when it is stopped', async () => {
  const store = memoryStore();
  store.lease = held;
  const time = steps();
  const a = replica(store, 'a', time);
  const leading = a.election.lead(a.stop.signal);
  await time.step(2);
  a.stop.abort();
  assert.equal((await leading).aborted, true);
  await a.ended;
  assert.equal(store.lease, held);
});
