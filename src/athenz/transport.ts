import { type Dispatcher, request } from 'undici';
import { AppError, type ErrorCode } from '../model/error.ts';
import { unreachable } from '../model/outcome.ts';
import { connectionTrouble, type TroubleKind } from '../model/trouble.ts';
import { openDispatcher } from '../runtime/dispatcher.ts';
import { proxyFor } from '../runtime/proxy.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/** An answer whose body arrived complete. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** What is asked of ZMS; without a method it is a read. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind the base URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/** Sends one request, once. */
export interface Transport {
  /**
   * @param atMost milliseconds, where less than the usual timeout is left
   * @throws AppError `ZMS_TLS`, `ZMS_UNREACHABLE`, `ZMS_TIMEOUT`, or those of the credentials
   */
  send(request: HttpRequest, atMost?: number): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** ZMS closes an idle connection after 30 s; a client that is faster never writes into a closing one. */
const idle = 20_000;

export interface TransportOptions {
  readonly baseUrl: string;
  readonly credentials: CredentialSource;
  /** Where the proxy settings are. */
  readonly env: NodeJS.ProcessEnv;
  /** Of one request, from connecting to the last byte; milliseconds. */
  readonly timeout: number;
  readonly connections: number;
  /** File that the CA is read from; `null`: the system's CAs count. */
  readonly caPath: string | null;
}

/**
 * HTTPS with a client certificate, over connections that are kept and bounded in number.
 *
 * @throws AppError `CONFIG_INVALID` when a proxy variable holds no URL
 */
export function openTransport(options: TransportOptions): Transport {
  const { baseUrl, credentials, env, timeout, connections, caPath } = options;
  const { host, hostname, pathname } = new URL(baseUrl);
  const proxy = proxyFor(baseUrl, env);
  const direct = proxy.noProxy.split(',').includes(hostname);
  const hints = { caPath, proxy: direct ? undefined : proxy.from };
  const pools = renewed((tls) => openDispatcher({ proxy, tls, silence: timeout, connections, idle, http2: false }));
  return {
    async send({ method = 'GET', path, headers: more = {}, body: content }, atMost = timeout) {
      const allowed = Math.max(1, Math.floor(Math.min(timeout, atMost)));
      // Asked before the request: what is wrong with a certificate is no failure of the network.
      const dispatcher = pools.of(await credentials());
      try {
        const { statusCode, headers, body } = await request(`${baseUrl}${path}`, {
          dispatcher,
          method,
          headers: {
            accept: 'application/json',
            ...(content === undefined ? {} : { 'content-type': 'application/json' }),
            ...more,
          },
          ...(content === undefined ? {} : { body: JSON.stringify(content) }),
          signal: AbortSignal.timeout(allowed),
        });
        return {
          status: statusCode,
          contentType: text(headers['content-type']),
          retryAfter: text(headers['retry-after']) || undefined,
          body: await body.text(),
        };
      } catch (error) {
        const doing = `${method} ${host}${pathname}${path}`;
        throw classify(error, doing, allowed, hints);
      }
    },
    close: () => pools.close(),
  };
}

function text(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}

/** Connections that are opened with the credentials of the moment; those of older ones end with their last request. */
function renewed(open: (now: Credentials) => Dispatcher) {
  const all: Dispatcher[] = [];
  let last: { readonly from: Credentials; readonly dispatcher: Dispatcher } | undefined;
  return {
    of(now: Credentials): Dispatcher {
      if (last !== undefined && sameCredentials(last.from, now)) return last.dispatcher;
      void last?.dispatcher.close().catch(() => {});
      last = { from: now, dispatcher: open(now) };
      all.push(last.dispatcher);
      return last.dispatcher;
    },
    async close(): Promise<void> {
      await Promise.all(all.map((it) => it.destroy()));
    },
  };
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.cert === b.cert && a.key === b.key && a.ca === b.ca;
}

/** What the next step depends on. */
interface Hints extends Pick<TransportOptions, 'caPath'> {
  /** The variable that names the proxy. */
  readonly proxy: string | undefined;
}

function classify(error: unknown, doing: string, timeout: number, hints: Hints): AppError {
  if (error instanceof AppError) return error;
  const { kind, why } = connectionTrouble(error, timeout);
  const [code, next] = meaningOf(kind, hints);
  return new AppError(code, `${doing}: ${why}`, { next, cause: error });
}

function meaningOf(kind: TroubleKind, { caPath, proxy }: Hints): readonly [ErrorCode, string] {
  switch (kind) {
    case 'timeout':
      return ['ZMS_TIMEOUT', 'try again, or raise athenz.requestTimeout'];
    case 'tls-name':
      return ['ZMS_TLS', 'correct athenz.zmsUrl'];
    case 'tls-issuer':
      return ['ZMS_TLS', caPath === null ? 'set athenz.caPath to its CA' : `add its CA to ${caPath} (athenz.caPath)`];
    case 'tls-time':
      return ['ZMS_TLS', 'tell the ZMS administrators'];
    case 'tls-client':
      return ['ZMS_TLS', 'check which CA the server accepts'];
    case 'tls':
      return ['ZMS_TLS', 'check the certificate, the key and athenz.zmsUrl'];
    case 'unreachable': {
      const way = proxy === undefined ? 'the network and the proxy' : `the network and the proxy of ${proxy}`;
      return ['ZMS_UNREACHABLE', `check athenz.zmsUrl, ${way}`];
    }
    default:
      return unreachable(kind);
  }
}
