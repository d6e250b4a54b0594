import { Agent, buildConnector, request } from 'undici';
import { AppError, type ErrorCode, reasonOf } from '../model/error.ts';
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
const keepAlive = { keepAliveTimeout: 20_000, keepAliveMaxTimeout: 25_000 };

export interface TransportOptions {
  readonly baseUrl: string;
  readonly credentials: CredentialSource;
  /** Of one request, from connecting to the last byte; milliseconds. */
  readonly timeout: number;
  readonly connections: number;
}

/** HTTPS with a client certificate, over connections that are kept and bounded in number. */
export function openTransport(options: TransportOptions): Transport {
  const { baseUrl, credentials, timeout, connections } = options;
  const connect = reconnecting(credentials, timeout);
  const dispatcher = new Agent({
    connections,
    pipelining: 1,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    ...keepAlive,
    connect,
  });
  return {
    async send({ method = 'GET', path, headers: more = {}, body: content }, atMost = timeout) {
      const allowed = Math.max(1, Math.floor(Math.min(timeout, atMost)));
      // Asked before the request: what is wrong with a certificate is no failure of the network.
      await credentials();
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
        throw classify(error, baseUrl, `${method} ${path}`, allowed);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function text(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}

/** Builds each new connection from the credentials of that moment. */
function reconnecting(credentials: CredentialSource, timeout: number): buildConnector.connector {
  let last: { readonly from: Credentials; readonly connect: buildConnector.connector } | undefined;
  return (options, callback) => {
    credentials().then(
      (now) => {
        if (last === undefined || last.from.cert !== now.cert || last.from.key !== now.key || last.from.ca !== now.ca) {
          const { cert, key, ca } = now;
          last = {
            from: now,
            connect: buildConnector({ cert, key, ...(ca === undefined ? {} : { ca }), timeout, allowH2: false }),
          };
        }
        try {
          last.connect(options, (...result) => {
            // An alert of TLS 1.3 comes after connecting; else the end of the stream behind it would be the error.
            result[1]?.once('error', (alert) => result[1]?.destroy(alert));
            callback(...result);
          });
        } catch (error) {
          // A key that does not belong to its certificate is thrown, not called back.
          callback(error as Error, null);
        }
      },
      (error) => callback(error, null),
    );
  };
}

/** @param asked method and path */
function classify(error: unknown, baseUrl: string, asked: string, timeout: number): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const [method, path] = asked.split(' ');
  const doing = `${method} ${new URL(baseUrl).host}${new URL(baseUrl).pathname}${path}`;
  const fail = (kind: ErrorCode, why: string, next: string) =>
    new AppError(kind, `${doing}: ${why}`, { next, cause: error });
  if (code === 'TimeoutError' || code.includes('TIMEOUT') || code === 'ETIMEDOUT') {
    return fail(
      'ZMS_TIMEOUT',
      `no complete answer within ${timeout / 1000} s`,
      'try again, or raise athenz.requestTimeout',
    );
  }
  if (/ALTNAME/.test(code)) {
    return fail('ZMS_TLS', `the server's certificate is for another name (${code})`, 'correct athenz.zmsUrl');
  }
  if (/SELF_SIGNED|UNABLE_TO_|ISSUER|DEPTH_ZERO/.test(code)) {
    return fail('ZMS_TLS', `the server's certificate is from an unknown CA (${code})`, 'set athenz.caPath to its CA');
  }
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code)) {
    return fail('ZMS_TLS', `the server's certificate is not valid now (${code})`, 'tell the owners of ZMS');
  }
  if (/ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)) {
    return fail('ZMS_TLS', `the server refused the client certificate (${code})`, 'check which CA the server accepts');
  }
  if (/SSL|TLS|PEM|CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/.test(code)) {
    return fail(
      'ZMS_TLS',
      `TLS failed: ${reasonOf(error)} (${code})`,
      'check the certificate, the key and athenz.zmsUrl',
    );
  }
  return fail('ZMS_UNREACHABLE', reasonOf(error) || code, 'check athenz.zmsUrl and the network');
}

/** The most telling code of an error and its causes: undici wraps what the socket said. */
function codeOf(error: unknown): string {
  let code = '';
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { name, code: own } = at as NodeJS.ErrnoException;
    // The code of a DOMException, which an AbortSignal throws, is a number that says nothing.
    if (name === 'TimeoutError') code = name;
    else if (typeof own === 'string') code = own;
  }
  return code;
}
