import assert from 'node:assert/strict';
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
    const lease = nextLease(seen, 'me', now);
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
function steps(): { readonly clock: Clock; step(times?: number): Promise<void> } {
  let time = now;
  let waiting: { readonly at: number; readonly done: () => void }[] = [];
  return {
    clock: {
      now: () => time,
      sleep: (milliseconds, signal) =>
        new Promise((done) => {
          if (signal?.aborted) return done();
          waiting.push({ at: time + milliseconds, done });
          signal?.addEventListener('abort', () => done());
        }),
    },
    async step(times = 1) {
      for (let left = times; left > 0; left--) {
        time += 2000;
        const due = waiting.filter(({ at }) => at <= time);
        waiting = waiting.filter(({ at }) => at > time);
        for (const { done } of due) done();
        for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      }
    },
  };
}

interface Replica {
  readonly election: Election;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

function replica(store: LeaseStore, identity: string, clock: Clock): Replica {
  const election = openElection({ store, identity, clock, log: () => {} });
  const stop = new AbortController();
  return { election, stop, ended: election.run(stop.signal) };
}

test('one of two replicas leads, and the other takes over when it stops', async () => {
  const store = memoryStore();
  const { clock, step } = steps();
  const [a, b] = [replica(store, 'a', clock), replica(store, 'b', clock)];
  await step(3);
  assert.deepEqual([a.election.isLeader, b.election.isLeader], [true, false]);
  const term = await a.election.lead(a.stop.signal);
  a.stop.abort();
  await a.ended;
  assert.deepEqual([term.aborted, store.lease?.holder], [true, '']);
  await step();
  assert.deepEqual([a.election.isLeader, b.election.isLeader], [false, true]);
  b.stop.abort();
  await b.ended;
});

test('a leader that cannot renew the Lease stops before another one takes over', async () => {
  const store = memoryStore();
  const { clock, step } = steps();
  let isCut = false;
  const cut = <T>(call: () => Promise<T>): Promise<T> => (isCut ? Promise.reject(new Error('no connection')) : call());
  const a = replica(
    { read: () => cut(() => store.read()), write: (...args) => cut(() => store.write(...args)) },
    'a',
    clock,
  );
  await step(2);
  const b = replica(store, 'b', clock);
  await step();
  const term = await a.election.lead(a.stop.signal);
  isCut = true;
  for (let times = 0; times < 10; times++) {
    await step();
    assert.ok(!(a.election.isLeader && b.election.isLeader), 'two leaders');
  }
  assert.deepEqual([term.aborted, a.election.isLeader, b.election.isLeader], [true, false, true]);
  for (const it of [a, b]) it.stop.abort();
  await Promise.all([a.ended, b.ended]);
});

test('a leader whose request hangs stops before another one takes over', async () => {
  const store = memoryStore();
  const { clock, step } = steps();
  const hanging = Promise.withResolvers<FoundLease | undefined>();
  let isCut = false;
  const a = replica({ ...store, read: () => (isCut ? hanging.promise : store.read()), write: store.write }, 'a', clock);
  await step(2);
  const b = replica(store, 'b', clock);
  await step();
  isCut = true;
  for (let times = 0; times < 10; times++) {
    await step();
    assert.ok(!(a.election.isLeader && b.election.isLeader), 'two leaders');
  }
  assert.deepEqual([a.election.isLeader, b.election.isLeader], [false, true]);
  hanging.reject(new Error('no connection'));
  for (const it of [a, b]) it.stop.abort();
  await Promise.all([a.ended, b.ended]);
});

test('a replica that waits for its turn ends when it is stopped', async () => {
  const store = memoryStore();
  store.lease = held;
  const { clock, step } = steps();
  const a = replica(store, 'a', clock);
  const leading = a.election.lead(a.stop.signal);
  await step(2);
  a.stop.abort();
  assert.equal((await leading).aborted, true);
  await a.ended;
  assert.equal(store.lease, held);
});
