import { AppError } from '../model/error.ts';
import { cancelled, checkStop } from '../model/halt.ts';
import { connectionTrouble } from '../model/trouble.ts';
import { openDispatcher } from './dispatcher.ts';
import { type HttpRequest, type Identity, sent } from './exchange.ts';
import type { HttpOptions } from './http.ts';
import { linesOf } from './lines.ts';
import { openPools } from './pools.ts';
import { retryAfter } from './retry-after.ts';

/** An answer that has begun, and is read as it comes. Exactly one of its readers is to be used. */
export interface HttpStream {
  readonly status: number;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** As `linesOf`. @throws AppError by `noAnswer` where the connection breaks */
  lines(): AsyncIterable<string>;
  /** All of it. @throws as `lines` */
  text(): Promise<string>;
}

export interface StreamOptions {
  /** Ends the stream at once. */
  readonly stop: AbortSignal;
  /** Milliseconds that the server may say nothing, once it has answered. */
  readonly silence: number;
}

/** Answers of one server that take as long as they take, over connections of their own: no other request waits behind one. */
export interface HttpStreams {
  /**
   * Sends a GET once; after a 401 a second time where the identity can be renewed.
   *
   * @throws AppError by `noAnswer`, `CANCELLED` after a stop, or of the identity's source
   */
  open(asked: HttpRequest, options: StreamOptions): Promise<HttpStream>;
  /** Aborts what is under way. */
  close(): Promise<void>;
}

export function openStreams(
  options: Pick<HttpOptions, 'url' | 'identity' | 'connection' | 'timeout' | 'clock' | 'noAnswer'>,
): HttpStreams {
  const { url, identity, connection, timeout, clock, noAnswer } = options;
  // Connecting and answering may take that long, what comes then has a time of its own.
  const pools = openPools((tls) => openDispatcher({ ...connection, tls, silence: timeout }));

  const once = async (asked: HttpRequest, by: Identity, { stop, silence }: StreamOptions): Promise<HttpStream> => {
    const failure = (error: unknown, allowed: number) => {
      const { kind, why } = connectionTrouble(error, allowed);
      const { code, doing, next } = noAnswer({ ...asked, method: 'GET' }, kind);
      if (stop.aborted) return cancelled(doing, error);
      return new AppError(code, `${doing}: ${why}`, { next, cause: error });
    };
    checkStop(stop, url);
    const { now } = clock;
    const sending = {
      ...asked,
      method: 'GET',
      url,
      by,
      dispatcher: pools.of(by.tls),
      signal: stop,
      now,
      http2: true,
    } as const;
    const { statusCode, headers, body } = await sent(sending, { bodyTimeout: silence }).catch((error) => {
      throw failure(error, timeout);
    });
    return {
      status: statusCode,
      retryAfter: retryAfter(headers, now()),
      async *lines() {
        try {
          yield* linesOf(body);
        } catch (error) {
          throw failure(error, silence);
        }
      },
      text: () =>
        body.text().catch((error) => {
          throw failure(error, silence);
        }),
    };
  };
  return {
    async open(asked, options) {
      const by = await identity.now();
      const answer = await once(asked, by, options);
      if (answer.status !== 401 || identity.renew === undefined) return answer;
      await answer.text();
      await identity.renew(by);
      return once(asked, await identity.now(), options);
    },
    close: () => pools.close(),
  };
}
