import type { FoundLease, Lease, LeaseStore } from '../cluster/lease.ts';
import type { Clock } from '../model/clock.ts';
import { reasonOf } from '../model/error.ts';

/** Milliseconds, as controllers have them: a lease holds 15 s, is renewed each 2 s, and given up 10 s after the last renewal. */
const times = { lease: 15_000, retry: 2000, renew: 10_000 };

/** What a replica saw of the lease last. Times are its own: clocks of replicas may differ. */
export interface Seen {
  readonly lease: FoundLease | undefined;
  /** When it was seen to change last, by `elapsed`. */
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
  /** For what is written, and to wait. */
  readonly clock: Clock;
  /** Milliseconds since any moment, by a clock that nobody sets: a leader has to know when its time is up. */
  readonly elapsed: () => number;
  readonly log: (message: string) => void;
}

/** What to write, if anything; undefined: another replica holds it. Pure. @param at now, by `elapsed` @param time now */
export function nextLease({ lease, changedAt }: Seen, identity: string, at: number, time: string): Lease | undefined {
  const seconds = times.lease / 1000;
  const mine = { holder: identity, seconds, renewed: time };
  if (lease === undefined) return { ...mine, acquired: time, transitions: 0 };
  if (lease.holder === identity) return { ...mine, acquired: lease.acquired, transitions: lease.transitions };
  const lasts = (lease.seconds > 0 ? lease.seconds * 1000 : times.lease) + changedAt;
  if (lease.holder !== '' && at < lasts) return undefined;
  return { ...mine, acquired: time, transitions: lease.transitions + 1 };
}

export function openElection({ store, identity, clock, elapsed, log }: ElectionOptions): Election {
  let seen: Seen = { lease: undefined, changedAt: Number.NEGATIVE_INFINITY };
  let term: AbortController | undefined;
  /** Waits for the end of what was renewed last. */
  let renewed = new AbortController();
  let elected = Promise.withResolvers<void>();
  let trouble = '';

  function end(why: string): void {
    renewed.abort();
    if (term === undefined) return;
    log(`no longer the leader: ${why}`);
    term.abort('SIGTERM');
    term = undefined;
    elected = Promise.withResolvers();
  }

  /** Beside what is under way: a request that hangs must not keep a leader. */
  async function endAt(at: number): Promise<void> {
    renewed.abort();
    renewed = new AbortController();
    const { signal } = renewed;
    await clock.sleep(Math.max(0, at - elapsed()), signal);
    if (!signal.aborted) end('the lease could not be renewed');
  }

  async function tryOnce(): Promise<void> {
    const began = elapsed();
    const lease = await store.read();
    if (lease?.resourceVersion !== seen.lease?.resourceVersion || seen.lease === undefined)
      seen = { lease, changedAt: elapsed() };
    const next = nextLease(seen, identity, elapsed(), microTime(clock.now()));
    if (next === undefined) return end(`${lease?.holder} leads`);
    if (!(await store.write(next, lease))) return;
    trouble = '';
    // Counted from before the write: whoever waits counts from after it.
    const until = began + times.renew;
    if (elapsed() >= until) return;
    void endAt(until);
    if (term !== undefined) return;
    log(`leading as ${identity}`);
    term = new AbortController();
    elected.resolve();
  }

  function tell(error: unknown): void {
    const reason = reasonOf(error);
    if (reason !== trouble) log(`election: ${reason}`);
    trouble = reason;
  }

  return {
    async run(stop) {
      while (!stop.aborted) {
        await tryOnce().catch(tell);
        await clock.sleep(times.retry, stop);
      }
      const held = term !== undefined;
      end('stopped');
      if (held) await giveBack(store, identity, clock.now()).catch(tell);
    },
    async lead(stop) {
      const stopped = Promise.withResolvers<void>();
      const onStop = () => stopped.resolve();
      stop.addEventListener('abort', onStop);
      if (!stop.aborted) await Promise.race([elected.promise, stopped.promise]);
      stop.removeEventListener('abort', onStop);
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
