import pThrottle from 'p-throttle';
import type { Clock } from '../model/clock.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import { checkHalt, type Halt } from '../model/halt.ts';
import type { Traffic } from '../model/traffic.ts';
import { connectionTrouble, type TroubleKind } from '../model/trouble.ts';
import { adaptiveLimit, type Load } from './adaptive.ts';
import { type DispatcherOptions, openDispatcher } from './dispatcher.ts';
import { exchange, type HttpAnswer, type HttpRequest, type Identity } from './exchange.ts';
import { openPools } from './pools.ts';
import { type RetryPolicy, settled, withRetry, withWait } from './retry.ts';
import { openTally } from './tally.ts';

/** Where the identity of each request is from. */
export interface IdentitySource {
  /** Of this moment. @throws AppError of the source, which then is the error of the request */
  now(): Promise<Identity>;
  /** Prepares another one after a 401, for one more request. Without this a 401 is an answer like any other. */
  readonly renew?: (refused: Identity) => Promise<void>;
}

/** What a request without an answer means to the source. */
export interface NoAnswer {
  readonly code: ErrorCode;
  /** What was asked of whom. */
  readonly doing: string;
  /** What to do about it. */
  readonly next: string;
}

export interface HttpOptions {
  /** Base URL. */
  readonly url: string;
  readonly identity: IdentitySource;
  readonly connection: Omit<DispatcherOptions, 'tls' | 'silence'>;
  /** Of one request, from connecting to the last byte; milliseconds. */
  readonly timeout: number;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  /** Requests at most, in so many milliseconds. Default: no limit. */
  readonly pace?: { readonly limit: number; readonly interval: number } | undefined;
  /** Requests at a time at most; fewer while the server is slow or says that it has too much to do. Default: no limit. */
  readonly concurrency?: number;
  /** When nothing more is sent. Default: never. */
  readonly halt?: Halt | undefined;
  /** What responses are counted under: one of few names. Default: `other`. */
  readonly endpointOf?: (asked: HttpRequest) => string;
  readonly noAnswer: (asked: HttpRequest, kind: TroubleKind) => NoAnswer;
}

/** Requests to one server, over connections that are kept. */
export interface HttpClient {
  /**
   * Sends a request once; after a 401 a second time where the identity can be renewed.
   *
   * @param atMost milliseconds, where less than the timeout is left
   * @throws AppError by `noAnswer`, or of the identity's source
   */
  send(asked: HttpRequest, atMost?: number): Promise<HttpAnswer>;
  /** Sends what changes nothing, with further tries where one may help. @throws what `parse` throws, too */
  read<T>(asked: HttpRequest, parse: (answer: HttpAnswer) => T | Promise<T>): Promise<T>;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  /** How they were answered, and how many repeated a failed one. */
  readonly traffic: Pick<Traffic, 'responses' | 'retries'>;
  /** Aborts what is under way. */
  close(): Promise<void>;
}

/** Opens a client; nothing is sent before the first request. */
export function openHttp(options: HttpOptions): HttpClient {
  const { url, identity, timeout, retry, clock, halt = {}, noAnswer } = options;
  const pools = openPools((tls) => openDispatcher({ ...options.connection, tls, silence: timeout }));
  const limit = adaptiveLimit(options.concurrency ?? Number.POSITIVE_INFINITY, clock);
  const turn = options.pace === undefined ? async () => {} : pThrottle(options.pace)(async () => {});
  const timeouts = new WeakSet<object>();
  const { endpointOf = () => 'other' } = options;
  const { http2 = true } = options.connection;
  const tally = openTally();
  const counted = { requests: 0, retries: 0 };

  /** One request, in its turn. @param waited told how many milliseconds that took */
  const once = (asked: HttpRequest, atMost: number, waited: (milliseconds: number) => void) => {
    const called = clock.now();
    return limit.run(
      async (begin) => {
        const method = asked.method ?? (asked.body === undefined ? 'GET' : 'POST');
        const checked = () => checkHalt(halt, clock.now(), noAnswer({ ...asked, method }, 'timeout').doing);
        // Before the wait as well: what is not sent takes no turn, and thousands of them no time.
        checked();
        await turn();
        waited(clock.now() - called);
        begin();
        checked();
        // Asked outside of the try: what is wrong with a certificate is no failure of the network.
        const by = await identity.now();
        const left = (halt.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
        const allowed = Math.max(1, Math.floor(Math.min(timeout, atMost, left)));
        const signal = AbortSignal.any([AbortSignal.timeout(allowed), ...(halt.stop === undefined ? [] : [halt.stop])]);
        const dispatcher = pools.of(by.tls);
        counted.requests++;
        try {
          const answer = await exchange({ ...asked, method, url, by, dispatcher, signal, now: clock.now, http2 });
          tally.add(endpointOf(asked), answer.status);
          return { by, answer };
        } catch (error) {
          checked();
          const { kind, why } = connectionTrouble(error, allowed);
          tally.add(endpointOf(asked), resultOf(kind));
          const { code, doing, next } = noAnswer({ ...asked, method }, kind);
          const failure = new AppError(code, `${doing}: ${why}`, { next, cause: error });
          if (kind === 'timeout') timeouts.add(failure);
          throw pools.closed ? settled(failure) : failure;
        }
      },
      (outcome): Load => {
        if ('error' in outcome) return isTimeout(outcome.error) ? 'overload' : 'unknown';
        return loadOf(outcome.value.answer);
      },
    );
  };
  const isTimeout = (error: unknown) => typeof error === 'object' && error !== null && timeouts.has(error);
  const send = async (asked: HttpRequest, atMost = timeout, waited = (_: number) => {}) => {
    const { by, answer } = await once(asked, atMost, waited);
    if (answer.status !== 401 || identity.renew === undefined) return answer;
    await identity.renew(by);
    return (await once(asked, atMost, waited)).answer;
  };
  return {
    send: (asked, atMost) => send(asked, atMost),
    read(asked, parse) {
      let queued = 0;
      const attempt = async (atMost?: number) => {
        if (atMost !== undefined) counted.retries++;
        const answer = await send(asked, atMost, (milliseconds) => {
          queued += milliseconds;
        });
        try {
          return await parse(answer);
        } catch (error) {
          throw withWait(error, answer.retryAfter);
        }
      };
      const sleep = (milliseconds: number) => clock.sleep(milliseconds, halt.stop);
      return withRetry(attempt, retry, { sleep, now: () => clock.now() - queued });
    },
    get requests() {
      return counted.requests;
    },
    get traffic() {
      return { responses: tally.list(), retries: counted.retries };
    },
    close: () => pools.close(),
  };
}

/** 429, 503 and 504: the server has too much to do, or cannot do it just now. Other errors say nothing of its load. */
function loadOf({ status }: HttpAnswer): Load {
  if (status === 429 || status === 503 || status === 504) return 'overload';
  return status < 400 ? 'served' : 'unknown';
}

/** As metrics have it: few values, which stay when there are more kinds. */
function resultOf(kind: TroubleKind): 'timeout' | 'tls' | 'unreachable' {
  switch (kind) {
    case 'timeout':
      return 'timeout';
    case 'closed':
    case 'unreachable':
      return 'unreachable';
    default:
      return 'tls';
  }
}
