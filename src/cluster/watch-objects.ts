import type { Clock } from '../model/clock.ts';
import { AppError, type Problem, toProblem } from '../model/error.ts';
import type { ObjectQuery } from '../model/object-query.ts';
import { delayByChance } from '../runtime/backoff.ts';
import { type RetryHint, withWait } from '../runtime/retry.ts';
import { type Located, locateObjects } from './objects.ts';
import type { ClusterSession } from './session.ts';
import { succeeded } from './status.ts';
import { parseListVersion, parseWatchEvent } from './watch-event.ts';

/** What happens to a watch. */
export type WatchNews =
  /** It is open. `since`: from a new list, so that what happened before is not known, or from where it was. */
  | { readonly kind: 'open'; readonly since: 'list' | 'event' }
  /** An object was added, modified or deleted. */
  | { readonly kind: 'changed' }
  /** The server ended it, as it may at any time; it is opened again at once. */
  | { readonly kind: 'ended' }
  /** It is not open, and tried again after a while. */
  | { readonly kind: 'lost'; readonly problem: Problem };

export interface WatchOptions {
  /** Ends it at once. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly tell: (news: WatchNews) => void;
}

/** Seconds after which the server is asked to end a watch, up to twice as long by chance: as client-go does. */
const lasts = 300;

/** Milliseconds beyond that: whatever has been silent for so long is dead. Not each server sends a bookmark a minute. */
const grace = 30_000;

/** Milliseconds after which a watch has done its job, also one that brought nothing. */
const longEnough = 10_000;

/** Where a watch goes on from. */
interface Position {
  located?: Located;
  /** Not set: from a new list. */
  version?: string;
}

/** How one stream ended. */
interface Ending {
  /** It worked: what was wrong before is over. */
  readonly useful: boolean;
  /** Not set: as it should, or because the server no longer knows the version (`expired`), which was of an event or of a new list. */
  readonly problem?: Problem;
  readonly expired?: 'event' | 'list';
  /** Milliseconds that the server asks to wait. */
  readonly wait?: number;
}

/**
 * Watches the objects of a query until it is stopped: lists once for the version that a watch begins with, and goes on from the last
 * event or bookmark where a connection ends. Never throws.
 *
 * It is not the informer of client-node 2.0, which asks for no bookmarks, cuts what is silent for 30 s, stops for good at the first list
 * that fails, drops the server's words, and keeps every object.
 */
export async function watchObjects(session: ClusterSession, query: ObjectQuery, options: WatchOptions): Promise<void> {
  const { stop, clock, random, tell } = options;
  const position: Position = {};
  let failures = 0;
  while (!stop.aborted) {
    const ending = await watchOnce(session, query, position, options);
    if (stop.aborted) return;
    if (ending.useful) failures = 0;
    const problem = problemOf(ending, query);
    if (problem === undefined) {
      tell({ kind: 'ended' });
      continue;
    }
    tell({ kind: 'lost', problem });
    await clock.sleep(Math.max(delayByChance(++failures, random), ending.wait ?? 0), stop);
  }
}

/** Why a watch is not opened again at once. */
function problemOf({ useful, problem, expired }: Ending, query: ObjectQuery): Problem | undefined {
  if (problem !== undefined || useful || expired === 'event') return problem;
  const of = `watching ${query.kind} in ${query.namespace}`;
  const next = 'see the log of the API server, and of a proxy before it';
  if (expired === 'list') return { code: 'CLUSTER_EXPIRED', message: `${of}: a new list expires at once`, next };
  return { code: 'CLUSTER_UNREACHABLE', message: `${of}: the server ends it at once`, next };
}

/** One stream to its end, with the list before it where one is needed. Never throws. */
async function watchOnce(
  session: ClusterSession,
  query: ObjectQuery,
  position: Position,
  { stop, clock, random, tell }: WatchOptions,
): Promise<Ending> {
  let opened: number | undefined;
  let useful = false;
  const worked = () => useful || (opened !== undefined && clock.now() - opened >= longEnough);
  try {
    position.located ??= await locateObjects(session, query);
    const { located } = position;
    const doing = `watching ${located.what}`;
    const since = position.version === undefined ? 'list' : 'event';
    position.version ??= await readVersion(session, located);
    const seconds = Math.ceil(lasts * (1 + random()));
    const asked = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: position.version };
    const path = pathOf(located, { ...asked, timeoutSeconds: String(seconds) });
    const stream = await session.stream({ path }, { stop, silence: seconds * 1000 + grace });
    if (stream.status !== 200) {
      const { status, retryAfter } = stream;
      const body = await stream.text();
      if (status !== 410)
        throw withWait(
          failureOf(() => succeeded({ status, retryAfter, body }, doing)),
          retryAfter,
        );
      delete position.version;
      return { useful, expired: since };
    }
    opened = clock.now();
    tell({ kind: 'open', since });
    for await (const line of stream.lines()) {
      const event = parseWatchEvent(line, doing);
      if (event.kind === 'expired' || event.kind === 'failed') {
        // Events may be missing after an error: start from a new list.
        delete position.version;
        if (event.kind === 'expired') return { useful: worked(), expired: since };
        const next = 'see the log of the API server';
        throw new AppError('CLUSTER_UNAVAILABLE', `${doing}: ${event.words}`, { next });
      }
      position.version = event.version;
      useful = true;
      if (event.kind === 'changed') tell({ kind: 'changed' });
    }
    return { useful: worked() };
  } catch (error) {
    const problem = toProblem(error);
    if (!isOutage(problem)) delete position.located;
    // Whoever comes back after it was away may be of an earlier state, restored from a backup. To a version that is yet to come it would
    // say nothing at all.
    const wasAway = opened === undefined && problem.code !== 'CLUSTER_UNAVAILABLE';
    if (!isOutage(problem) || wasAway) delete position.version;
    const { retryAfter: wait } = error as RetryHint;
    return { useful: worked(), problem: advised(problem), ...(wait === undefined ? {} : { wait }) };
  }
}

/** The server is away, or has too much to do: what it said before still holds. */
function isOutage({ code }: Problem): boolean {
  return code === 'CLUSTER_UNREACHABLE' || code === 'CLUSTER_TIMEOUT' || code === 'CLUSTER_UNAVAILABLE';
}

function advised(problem: Problem): Problem {
  if (problem.code !== 'CLUSTER_FORBIDDEN') return problem;
  return { ...problem, next: 'let this identity list and watch them (docs/how-to/in-a-cluster.md)' };
}

/** One object at most is read: what counts is the version of the list. @throws AppError `CLUSTER_…` */
function readVersion(session: ClusterSession, located: Located): Promise<string> {
  const doing = `listing ${located.what}`;
  return session.ask(doing, { path: pathOf(located, { limit: '1' }) }, (body) => parseListVersion(body, doing));
}

function pathOf({ path, selectors }: Located, query: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams({ ...query, ...selectors })}`;
}

/** What a call throws. */
function failureOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
