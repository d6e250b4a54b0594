import pThrottle from 'p-throttle';
import type { AthenzConfig } from '../config/types.ts';
import { type Clock, defaultRetry, type RetryPolicy, withRetry } from '../model/retry.ts';
import { type CredentialSource, credentialSource } from './credentials.ts';
import { type HttpAnswer, type HttpRequest, openTransport } from './transport.ts';

/** A connection to one ZMS: what reads and writes share. */
export interface Session {
  readonly config: AthenzConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly credentials: CredentialSource;
  /** Sends a request once, no faster than the config allows. @throws AppError `ZMS_…` when no answer came */
  send(request: HttpRequest, atMost?: number): Promise<HttpAnswer>;
  /** Reads a path, with further tries where one may help. @throws what `parse` throws, too */
  read<T>(path: string, parse: (answer: HttpAnswer) => T | Promise<T>): Promise<T>;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly config: AthenzConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
}

/** Opens a session; nothing is sent before the first request. */
export function openSession({ config, env, clock, retry = defaultRetry }: SessionOptions): Session {
  const credentials = credentialSource(config, env, () => clock.now());
  const transport = openTransport({
    baseUrl: config.zmsUrl,
    credentials,
    env,
    timeout: config.requestTimeout,
    connections: config.concurrency,
    caPath: config.caPath,
  });
  const counted = { requests: 0 };
  const send = throttled(config, (request: HttpRequest, atMost?: number) => {
    counted.requests++;
    return transport.send(request, atMost);
  });
  return {
    config,
    env,
    clock,
    credentials,
    send,
    read: (path, parse) => withRetry(async (atMost) => parse(await send({ path }, atMost)), retry, clock),
    get requests() {
      return counted.requests;
    },
    close: () => transport.close(),
  };
}

function throttled({ requestsPerSecond }: AthenzConfig, send: Session['send']): Session['send'] {
  if (requestsPerSecond === 'off') return send;
  // At least one at a time: half a request a second is one every two seconds.
  const perInterval = Math.max(1, Math.floor(requestsPerSecond));
  return pThrottle({ limit: perInterval, interval: (1000 * perInterval) / requestsPerSecond })(send);
}
