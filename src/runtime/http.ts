import pThrottle from 'p-throttle';
import { request } from 'undici';
import type { Clock } from '../model/clock.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import { connectionTrouble, type TroubleKind } from '../model/trouble.ts';
import { type DispatcherOptions, openDispatcher, type TlsSettings } from './dispatcher.ts';
import { openPools } from './pools.ts';
import { type RetryPolicy, settled, withRetry, withWait } from './retry.ts';

/** One request to the server of a client. */
export interface HttpRequest {
  /** Default: GET, and POST with a body. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind the base URL, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/** An answer of any status whose body arrived complete. Redirects are not followed. */
export interface HttpAnswer {
  readonly status: number;
  /** How long the server asks to wait, in milliseconds. A date does not count: it would need the server's clock. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** Who the server takes us for. */
export interface Identity {
  /** The same object as long as the same connections will do. */
  readonly tls: TlsSettings;
  readonly headers?: Readonly<Record<string, string>>;
}

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
  /** Aborts what is under way. */
  close(): Promise<void>;
}

/** Opens a client; nothing is sent before the first request. */
export function openHttp(options: HttpOptions): HttpClient {
  const { url, identity, connection, timeout, retry, clock, pace, noAnswer } = options;
  const pools = openPools((tls) => openDispatcher({ ...connection, tls, silence: timeout }));
  const counted = { requests: 0 };
  const once = async (asked: HttpRequest, allowed: number) => {
    // Asked outside of the try: what is wrong with a certificate is no failure of the network.
    const by = await identity.now();
    const dispatcher = pools.of(by.tls);
    const { method = asked.body === undefined ? 'GET' : 'POST', path, body: content } = asked;
    counted.requests++;
    try {
      const { statusCode, headers, body } = await request(`${url}${path}`, {
        dispatcher,
        method,
        headers: {
          ...by.headers,
          accept: 'application/json',
          'user-agent': 'athenz-gitops',
          ...(content === undefined ? {} : { 'content-type': 'application/json' }),
          ...asked.headers,
        },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
        signal: AbortSignal.timeout(allowed),
      });
      const answer = { status: statusCode, retryAfter: waitOf(headers['retry-after']), body: await body.text() };
      return { by, answer };
    } catch (error) {
      const { kind, why } = connectionTrouble(error, allowed);
      const { code, doing, next } = noAnswer({ ...asked, method }, kind);
      const failure = new AppError(code, `${doing}: ${why}`, { next, cause: error });
      throw pools.closed ? settled(failure) : failure;
    }
  };
  const paced = pace === undefined ? once : pThrottle(pace)(once);
  const send = async (asked: HttpRequest, atMost = timeout) => {
    const allowed = Math.max(1, Math.floor(Math.min(timeout, atMost)));
    const { by, answer } = await paced(asked, allowed);
    if (answer.status !== 401 || identity.renew === undefined) return answer;
    await identity.renew(by);
    return (await paced(asked, allowed)).answer;
  };
  return {
    send,
    read(asked, parse) {
      const attempt = async (atMost?: number) => {
        const answer = await send(asked, atMost);
        try {
          return await parse(answer);
        } catch (error) {
          throw withWait(error, answer.retryAfter);
        }
      };
      return withRetry(attempt, retry, clock);
    },
    get requests() {
      return counted.requests;
    },
    close: () => pools.close(),
  };
}

function waitOf(header: string | string[] | undefined): number | undefined {
  const text = [header].flat()[0] ?? '';
  const seconds = Number(text);
  return text === '' || !Number.isFinite(seconds) ? undefined : seconds * 1000;
}
