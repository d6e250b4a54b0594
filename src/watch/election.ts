import type { FoundLease, Lease, LeaseStore } from '../cluster/lease.ts';
import type { Clock } from '../model/clock.ts';
import { reasonOf } from '../model/error.ts';

/** Milliseconds, as controllers have them: a lease holds 15 s, is renewed each 2 s, and given up 10 s after the last renewal. */
const times = { lease: 15_000, retry: 2000, renew: 10_000 };

/** What a replica saw of the lease last. Times are of its own clock: clocks of replicas may differ. */
export interface Seen {
  readonly lease: FoundLease | undefined;
  /** When it was seen to change last, milliseconds since the epoch. */
  readonly changedAt: number;
}

/** Who may work of several replicas. */
export interface Election {
  /**
   * Takes part until `stop` is aborted, and then gives the lease back: whoever works under it has to be done by then. Never throws.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Ends when this replica leads, or `stop` is aborted. @returns a signal that is aborted when it no longer does */
  lead(stop: AbortSignal): Promise<AbortSignal>;
  readonly isLeader: boolean;
}

export interface ElectionOptions {
  readonly store: LeaseStore;
  /** The same for no two replicas. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

/** What to write, if anything; undefined: another replica holds it. Pure. */
export function nextLease({ lease, changedAt }: Seen, identity: string, now: number): Lease | undefined {
  const time = microTime(now);
  const seconds = times.lease / 1000;
  const mine = { holder: identity, seconds, renewed: time };
  if (lease === undefined) return { ...mine, acquired: time, transitions: 0 };
  if (lease.holder === identity) return { ...mine, acquired: lease.acquired, transitions: lease.transitions };
  const lasts = (lease.seconds > 0 ? lease.seconds * 1000 : times.lease) + changedAt;
  if (lease.holder !== '' && now < lasts) return undefined;
  return { ...mine, acquired: time, transitions: lease.transitions + 1 };
}

export function openElection({ store, identity, clock, log }: ElectionOptions): Election {
  let seen: Seen = { lease: undefined, changedAt: Number.NEGATIVE_INFINITY };
  let term: AbortController | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let elected = Promise.withResolvers<void>();

  function end(why: string): void {
    if (term === undefined) return;
    log(`no longer the leader: ${why}`);
    term.abort('SIGTERM');
    term = undefined;
    elected = Promise.withResolvers();
  }

  function endIfLate(): void {
    if (clock.now() - renewedAt >= times.renew) end('the lease could not be renewed');
  }

  /** Waits for an attempt, but no longer than the term may last without it; milliseconds. */
  async function within(attempt: Promise<void>, atMost: number): Promise<void> {
    if (term === undefined) return;
    const done = new AbortController();
    await Promise.race([attempt.finally(() => done.abort()), clock.sleep(Math.max(0, atMost), done.signal)]);
  }

  async function tryOnce(): Promise<void> {
    const began = clock.now();
    const lease = await store.read();
    if (lease?.resourceVersion !== seen.lease?.resourceVersion || seen.lease === undefined)
      seen = { lease, changedAt: clock.now() };
    const next = nextLease(seen, identity, clock.now());
    if (next === undefined) return end(`${lease?.holder} leads`);
    if (!(await store.write(next, lease))) return;
    // Counted from before the write: whoever waits counts from after it.
    renewedAt = began;
    if (term !== undefined) return;
    log(`leading as ${identity}`);
    term = new AbortController();
    elected.resolve();
  }

  return {
    async run(stop) {
      while (!stop.aborted) {
        const attempt = tryOnce().catch((error) => log(`election: ${reasonOf(error)}`));
        // A request that hangs must not keep the term beyond the lease.
        await within(attempt, renewedAt + times.renew - clock.now());
        endIfLate();
        await attempt;
        endIfLate();
        await clock.sleep(times.retry, stop);
      }
      const held = term !== undefined;
      end('stopped');
      if (held) await giveBack(store, identity, clock.now()).catch((error) => log(`election: ${reasonOf(error)}`));
    },
    async lead(stop) {
      const stopped = Promise.withResolvers<void>();
      stop.addEventListener('abort', () => stopped.resolve(), { once: true });
      if (!stop.aborted) await Promise.race([elected.promise, stopped.promise]);
      return term?.signal ?? AbortSignal.abort('SIGTERM');
    },
    get isLeader() {
      return term !== undefined;
    },
  };
}

/** The next replica does not have to wait for the lease to end. */
async function giveBack(store: LeaseStore, identity: string, now: number): Promise<void> {
  const lease = await store.read();
  if (lease?.holder !== identity) return;
  await store.write({ ...lease, holder: '', seconds: 1, renewed: microTime(now) }, lease);
}

/** As Kubernetes' MicroTime has it. @param time milliseconds since the epoch */
function microTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
