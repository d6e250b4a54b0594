import type { AthenzConfig } from '../config/types.ts';
import type { Clock } from '../model/clock.ts';
import type { Halt } from '../model/halt.ts';
import type { HttpAnswer, HttpRequest } from '../runtime/exchange.ts';
import { type HttpClient, openHttp } from '../runtime/http.ts';
import { proxyFor } from '../runtime/proxy.ts';
import { defaultRetry, type RetryPolicy } from '../runtime/retry.ts';
import { type CredentialSource, credentialSource } from './credentials.ts';
import { noAnswer } from './status.ts';

/** What is read, where a path alone does not say it. */
export type ReadRequest = Pick<HttpRequest, 'path' | 'headers'>;

/** A connection to one ZMS: what reads and writes share. */
export interface Session {
  readonly config: AthenzConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly credentials: CredentialSource;
  /**
   * Sends a request once, no faster than the config allows.
   *
   * @throws AppError `ZMS_TLS`, `ZMS_UNREACHABLE`, `ZMS_TIMEOUT`, or those of the credentials
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Reads, with further tries where one may help. @throws what `parse` throws, too */
  read<T>(asked: string | ReadRequest, parse: (answer: HttpAnswer) => T | Promise<T>): Promise<T>;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  readonly traffic: HttpClient['traffic'];
  close(): Promise<void>;
}

export interface ZmsSessionOptions {
  readonly config: AthenzConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
  /** When nothing more is sent. Default: never. */
  readonly halt?: Halt;
}

/** ZMS closes an idle connection after 30 s; a client that is faster never writes into a closing one. */
const idle = 20_000;

/**
 * Opens a session: HTTPS with a client certificate. Nothing is sent before the first request.
 *
 * @throws AppError `CONFIG_INVALID` when a proxy variable holds no URL
 */
export function openZmsSession({ config, env, clock, retry = defaultRetry, halt }: ZmsSessionOptions): Session {
  const { zmsUrl, caPath, concurrency: connections } = config;
  const credentials = credentialSource(config, env, () => clock.now());
  const proxy = proxyFor(zmsUrl, env);
  const http = openHttp({
    url: zmsUrl,
    identity: { now: async () => ({ tls: await credentials() }) },
    connection: { proxy, connections, idle, http2: false },
    timeout: config.requestTimeout,
    retry,
    clock,
    halt,
    pace: paceOf(config),
    concurrency: connections,
    endpointOf,
    noAnswer: noAnswer(zmsUrl, caPath, proxy),
  });
  return {
    config,
    env,
    clock,
    credentials,
    send: (request) => http.send(request),
    read: (asked, parse) => http.read(typeof asked === 'string' ? { path: asked } : asked, parse),
    get requests() {
      return http.requests;
    },
    get traffic() {
      return http.traffic;
    },
    close: () => http.close(),
  };
}

/** Names of what is read of ZMS, in metrics; what is written, and quotas, are `other`. */
function endpointOf({ method = 'GET', body, path }: HttpRequest): string {
  if (method !== 'GET' || body !== undefined) return 'other';
  if (path.startsWith('/sys/modified_domains')) return 'domain_list';
  if (/^\/domain\/[^/]+\/signed\?/.test(path)) return 'document';
  if (/^\/domain\/[^/]+$/.test(path)) return 'domain';
  return path.includes('/publickey/') ? 'public_key' : 'other';
}

function paceOf({ requestsPerSecond }: AthenzConfig) {
  if (requestsPerSecond === 'off') return undefined;
  // At least one at a time: half a request a second is one every two seconds.
  const limit = Math.max(1, Math.floor(requestsPerSecond));
  return { limit, interval: (1000 * limit) / requestsPerSecond };
}
