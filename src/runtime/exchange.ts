import { type Dispatcher, request } from 'undici';
import { textOf } from './body.ts';
import type { TlsSettings } from './dispatcher.ts';
import { retryAfter } from './retry-after.ts';

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
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** Who the server takes us for. */
export interface Identity {
  /** The same object as long as the same connections will do. */
  readonly tls: TlsSettings;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with all it takes to send it. */
export interface Exchange extends HttpRequest {
  readonly method: NonNullable<HttpRequest['method']>;
  /** Base URL. */
  readonly url: string;
  readonly by: Identity;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** The server may answer by HTTP/2. */
  readonly http2: boolean;
}

/** Sends a request, and reads the answer to its end. @throws what undici throws, or `signal` */
export async function exchange(it: Exchange): Promise<HttpAnswer> {
  const { statusCode, headers, body } = await sent(it, it.http2 ? {} : { highWaterMark: 1 });
  return {
    status: statusCode,
    retryAfter: retryAfter(headers, it.now()),
    body: await (it.http2 ? body.text() : textOf(body)),
  };
}

/** Sends a request, whose answer has begun. @throws what undici throws, or `signal` */
export function sent(
  it: Exchange,
  more: { readonly highWaterMark?: number; readonly bodyTimeout?: number },
): Promise<Dispatcher.ResponseData> {
  return request(`${it.url}${it.path}`, {
    dispatcher: it.dispatcher,
    method: it.method,
    headers: {
      ...it.by.headers,
      accept: 'application/json',
      'user-agent': 'athenz-gitops',
      ...(it.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...it.headers,
    },
    ...(it.body === undefined ? {} : { body: JSON.stringify(it.body) }),
    signal: it.signal,
    ...more,
  });
}
